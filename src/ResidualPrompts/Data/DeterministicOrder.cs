namespace ResidualPrompts.Data;

/// <summary>
/// A shuffle that is the same on every machine and every version of .NET: SplitMix64 (Steele, Lea and Flood 2014) and the Fisher-Yates
/// shuffle from the top, with rejection so that every order is equally likely.
/// </summary>
public static class DeterministicOrder
{
    /// <summary>The numbers 0 to <paramref name="count"/> − 1 in an order that the seed decides.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The seed.</param>
    public static int[] Shuffled(int count, ulong seed)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
            order[i] = i;
        for (var i = count - 1; i > 0; i--)
        {
            var j = (int)Below((ulong)i + 1, ref seed);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static ulong Below(ulong bound, ref ulong state)
    {
        var limit = ulong.MaxValue - (ulong.MaxValue % bound); // the largest multiple of the bound
        while (true)
        {
            var drawn = Next(ref state);
            if (drawn < limit)
                return drawn % bound;
        }
    }

    private static ulong Next(ref ulong state)
    {
        var x = state += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}

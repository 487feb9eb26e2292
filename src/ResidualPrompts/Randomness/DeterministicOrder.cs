namespace ResidualPrompts.Randomness;

/// <summary>
/// Random orders that depend on a seed alone, not on the machine or the version of .NET.
/// </summary>
/// <remarks>
/// With G = 0x9E3779B97F4A7C15, all modulo 2^64, and Mix the output function of SplitMix64: the generator is SplitMix64 from the
/// state Mix(Mix(seed + G) + purpose·2^32 + number + G). The order starts as 0, 1, …, n - 1; for i from n - 1 down to 1, position i changes
/// places with position j, a number below i + 1 (Fisher and Yates). A number below b is the next x that is not below 2^64 mod b,
/// modulo b.
/// </remarks>
public static class DeterministicOrder
{
    /// <summary>A permutation of 0 to <paramref name="count"/> - 1, each equally likely.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the order is for.</param>
    /// <param name="number">Which order of the purpose: the epoch, or the class.</param>
    public static int[] Permutation(int count, long seed, RandomPurpose purpose, int number = 0)
    {
        var random = Generator(seed, purpose, number);
        int[] order = [.. Enumerable.Range(0, count)];
        for (var i = count - 1; i > 0; i--)
        {
            var j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    private static SplitMix64 Generator(long seed, RandomPurpose purpose, int number)
    {
        var start = new SplitMix64((ulong)seed).Next();
        return new SplitMix64(new SplitMix64(start + ((ulong)purpose << 32) + (uint)number).Next());
    }
}

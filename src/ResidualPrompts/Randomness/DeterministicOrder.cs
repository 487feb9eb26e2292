namespace ResidualPrompts.Randomness;

/// <summary>Random orders that depend only on a seed, not on the machine or the version of .NET.</summary>
/// <remarks>
/// All arithmetic is modulo 2^64, G = 0x9E3779B97F4A7C15, and Mix is the output function of SplitMix64. The generator is SplitMix64 with the
/// state Mix(Mix(seed + G) + purpose·2^32 + number + G). The order starts as 0, 1, …, n - 1; for i from n - 1 down to 1, position i is swapped
/// with position j, a number below i + 1 (Fisher and Yates). A number below b is the next x that is not below 2^64 mod b, modulo b.
/// </remarks>
internal static class DeterministicOrder
{
    /// <summary>A permutation of 0 to <paramref name="count"/> - 1; all are equally likely.</summary>
    /// <param name="count">Number of items.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">The order's purpose.</param>
    /// <param name="number">Number of the order within its purpose: the epoch, or the class.</param>
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

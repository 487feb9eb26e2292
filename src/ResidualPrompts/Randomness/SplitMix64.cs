namespace ResidualPrompts.Randomness;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): a tiny generator with the same numbers on every
/// machine and in every version of .NET. <see cref="Random"/> does not promise that.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Increment = 0x9E3779B97F4A7C15;
    private ulong _state = seed;

    /// <summary>The generator's output function: a bijection in which every input bit affects all output bits.</summary>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => Mix(_state += Increment);

    /// <summary>A number from 0 to <paramref name="bound"/> - 1; all are equally likely.</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        // The lowest 2^64 mod bound numbers are drawn again: otherwise the first remainders would be more likely.
        var size = (ulong)bound;
        var rejected = (0 - size) % size;
        ulong number;
        do
            number = Next();
        while (number < rejected);
        return (int)(number % size);
    }
}

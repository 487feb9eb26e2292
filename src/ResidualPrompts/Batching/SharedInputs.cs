using System.Runtime.InteropServices;

namespace ResidualPrompts.Batching;

/// <summary>Finds examples that two splits share, by what the model sees of them.</summary>
internal static class SharedInputs
{
    /// <summary>The number of examples whose input is also the input of one of the others.</summary>
    /// <param name="examples">The examples to count.</param>
    /// <param name="others">The others.</param>
    public static int Count(IReadOnlyList<EncodedExample> examples, IReadOnlyList<EncodedExample> others)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(others);
        var inputs = new HashSet<int[]>(others.Select(other => other.InputIds), new SameIds());
        return examples.Count(example => inputs.Contains(example.InputIds));
    }

    private sealed class SameIds : IEqualityComparer<int[]>
    {
        public bool Equals(int[]? x, int[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(int[] obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(obj.AsSpan()));
            return hash.ToHashCode();
        }
    }
}

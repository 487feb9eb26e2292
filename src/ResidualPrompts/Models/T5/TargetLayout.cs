using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// The sequences of a decoder row: one, or several side by side that do not see each other. Several sequences score all labels of an example in one
/// pass over one set of encoder states.
/// </summary>
/// <remarks>
/// For example, sequences of 3 and 5 tokens side by side fill N = 8 places. The first starts at place 0, the second at place 3, and the positions are
/// 0, 1, 2, 0, 1, 2, 3, 4. The token at place 4 (position 1 of the second sequence) sees places 3 and 4 only.
/// </remarks>
internal sealed class TargetLayout
{
    private readonly int[] _sequenceLengths;

    private TargetLayout(int[] sequenceLengths)
    {
        _sequenceLengths = sequenceLengths;
        Positions = [.. sequenceLengths.SelectMany(length => Enumerable.Range(0, length).Select(position => (long)position))];
    }

    /// <summary>Position of each of the N tokens within its own sequence.</summary>
    internal long[] Positions { get; }

    /// <summary>Creates a layout of one sequence.</summary>
    /// <param name="length">Tokens.</param>
    public static TargetLayout OneSequence(int length) => new([length]);

    /// <summary>Creates a layout of independent sequences, side by side.</summary>
    /// <param name="lengths">Tokens of each.</param>
    public static TargetLayout SideBySide(IEnumerable<int> lengths) => new([.. lengths]);

    /// <summary>Causal mask within each sequence, [N, N]: 0 where the query (row) may see the key (column), else minus infinity.</summary>
    internal Tensor Mask(ScalarType type, Device device)
    {
        var count = Positions.Length;
        var mask = new float[count, count];
        var start = 0;
        foreach (var length in _sequenceLengths)
        {
            for (var query = start; query < start + length; query++)
            {
                for (var key = 0; key < count; key++)
                    mask[query, key] = key >= start && key <= query ? 0 : float.NegativeInfinity;
            }

            start += length;
        }

        return tensor(mask, type, device);
    }
}

using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// How the positions of a decoder row hang together: one sequence, or several that stand one after another and do not see each other.
/// The latter scores all labels of an example in one pass over one set of encoder states.
/// </summary>
public sealed class TargetLayout
{
    private readonly int[] _sequenceLengths;

    private TargetLayout(int[] sequenceLengths)
    {
        _sequenceLengths = sequenceLengths;
        Positions = [.. sequenceLengths.SelectMany(length => Enumerable.Range(0, length).Select(position => (long)position))];
    }

    /// <summary>Position of each of the N tokens in its own sequence.</summary>
    internal long[] Positions { get; }

    /// <summary>One sequence of the given length.</summary>
    /// <param name="length">Tokens.</param>
    public static TargetLayout OneSequence(int length) => new([length]);

    /// <summary>Independent sequences, one after another.</summary>
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

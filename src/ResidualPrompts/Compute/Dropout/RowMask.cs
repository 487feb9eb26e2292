using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>The rows of one dropout mask, generated on demand.</summary>
/// <param name="generator">The generator.</param>
/// <param name="place">Number of the mask.</param>
/// <param name="kept">Value of kept elements; dropped ones are 0.</param>
internal sealed class RowMask(MaskGenerator generator, int place, float kept)
{
    /// <summary>The id of a mask row: the attention weights of one query.</summary>
    internal static uint WeightRow(int example, int head, int headCount, int query) => MaskGenerator.RowId((example * headCount) + head, query);

    /// <summary>Writes the first elements of a row.</summary>
    /// <param name="rowId">The row's id.</param>
    /// <param name="row">Receives the elements.</param>
    internal void Fill(uint rowId, Span<float> row) => generator.WriteRow(place, rowId, 0, row, kept, 0);

    /// <summary>Drops attention weights with libtorch, [examples, heads, queries, keys].</summary>
    internal Tensor Drop(Tensor weights, ReadOnlySpan<int> examples)
    {
        var (headCount, queryCount) = ((int)weights.shape[1], (int)weights.shape[2]);
        var ids = new List<uint>(examples.Length * headCount * queryCount);
        foreach (var example in examples)
        {
            for (var head = 0; head < headCount; head++)
            {
                for (var query = 0; query < queryCount; query++)
                    ids.Add(WeightRow(example, head, headCount, query));
            }
        }

        return weights * generator.Make(place, [.. ids], weights, kept, 0);
    }
}

using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// Where the rows of a batch's examples lie in one matrix [R, ·]. Examples of equal width form a group of consecutive rows. Linear layers see one
/// matrix; attention sees [examples, width, ·] of each group.
/// </summary>
/// <remarks>
/// For example, examples of 3 and 5 tokens have 8 packed rows in two groups, the longest first: example 1 (width 5) has rows 0–4, example 0 (width 3)
/// has rows 5–7. Padded to width 5 they have 10 rows in one group: example 0 has rows 0–4, of which 0–2 are valid, and example 1 has rows 5–9.
/// </remarks>
internal sealed class RowLayout
{
    private readonly int[] _lengths;
    private readonly long[] _rowCounts; // of each group

    private RowLayout(int[] lengths, RowGroup[] groups)
    {
        (_lengths, Groups) = (lengths, groups);
        _rowCounts = [.. groups.Select(group => (long)group.Examples.Length * group.Width)];
        RowIds = [.. groups.SelectMany(group =>
            group.Examples.SelectMany(example => Enumerable.Range(0, group.Width).Select(position => MaskGenerator.RowId(example, position))))];
    }

    internal IReadOnlyList<RowGroup> Groups { get; }

    /// <summary>Valid rows of each example.</summary>
    internal ReadOnlySpan<int> Lengths => _lengths;

    /// <summary>Width of the widest group.</summary>
    internal int Width => Groups.Max(group => group.Width);

    /// <summary>An id for each row. It depends on the example and the position, not on the layout.</summary>
    internal uint[] RowIds { get; }

    /// <summary>Valid rows only: one group per length, the longest first.</summary>
    internal static RowLayout Packed(ReadOnlySpan<int> lengths)
    {
        var all = lengths.ToArray();
        return new RowLayout(all, [.. Enumerable.Range(0, all.Length).GroupBy(i => all[i]).OrderByDescending(group => group.Key)
            .Select(group => new RowGroup([.. group], group.Key))]);
    }

    /// <summary>One group of all examples; each has <paramref name="width"/> rows.</summary>
    internal static RowLayout Padded(ReadOnlySpan<int> lengths, int width) =>
        new(lengths.ToArray(), [new RowGroup([.. Enumerable.Range(0, lengths.Length)], width)]);

    /// <summary>The rows of each example, in the order of the groups.</summary>
    internal AttentionSpan[] Spans()
    {
        var spans = new List<AttentionSpan>();
        var firstRow = 0;
        foreach (var group in Groups)
        {
            foreach (var example in group.Examples)
            {
                spans.Add(new AttentionSpan(example, firstRow, group.Width, _lengths[example]));
                firstRow += group.Width;
            }
        }

        return [.. spans];
    }

    /// <summary>Splits rows [R, C] by group into [examples, width, C].</summary>
    private Tensor[] Split(Tensor rows)
    {
        var parts = Groups.Count == 1 ? [rows] : rows.split(_rowCounts, 0);
        return [.. parts.Zip(Groups, (part, group) => part.view(group.Examples.Length, group.Width, rows.shape[1]))];
    }

    /// <summary>Unpacks rows [R, C] to [B, width, C] in the order of the examples, with zeros behind each example's end.</summary>
    internal Tensor Unpack(Tensor rows, int width)
    {
        if (Groups is [var only] && only.Width == width)
            return rows.view(only.Examples.Length, width, rows.shape[1]); // one group holds the examples in their order
        var parts = new Tensor[_lengths.Length];
        foreach (var (group, groupRows) in Groups.Zip(Split(rows)))
        {
            var wide = nn.functional.pad(groupRows, [0, 0, 0, width - group.Width]); // [examples, width, C]
            foreach (var (example, exampleRows) in group.Examples.Zip(wide.unbind(0)))
                parts[example] = exampleRows;
        }

        return stack(parts);
    }
}

/// <summary>Examples with the same number of rows.</summary>
/// <param name="Examples">Their indices in the batch.</param>
/// <param name="Width">Rows of each.</param>
internal sealed record RowGroup(int[] Examples, int Width);

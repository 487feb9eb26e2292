using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// Where the rows of a batch's examples lie in one matrix [R, ·]. Examples of one width form a group, whose rows stand one after another,
/// so that a linear layer sees one matrix and attention sees [examples, width, ·] of each group.
/// </summary>
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

    /// <summary>A number for each row that says its example and its position, and not where it lies.</summary>
    internal uint[] RowIds { get; }

    /// <summary>Valid rows only: a group for each length, the longest first.</summary>
    internal static RowLayout Packed(ReadOnlySpan<int> lengths)
    {
        var all = lengths.ToArray();
        return new RowLayout(
            all, [.. Enumerable.Range(0, all.Length).GroupBy(i => all[i]).OrderByDescending(group => group.Key)
            .Select(group => new RowGroup([.. group], group.Key))]);
    }

    /// <summary>One group of all examples, each with <paramref name="width"/> rows.</summary>
    internal static RowLayout Padded(ReadOnlySpan<int> lengths, int width) =>
        new(lengths.ToArray(), [new RowGroup([.. Enumerable.Range(0, lengths.Length)], width)]);

    /// <summary>Where each example's rows lie, those of the longest first.</summary>
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

    /// <summary>[R, C] → the rows of each group, [examples, width, C].</summary>
    private Tensor[] Split(Tensor rows)
    {
        var parts = Groups.Count == 1 ? [rows] : rows.split(_rowCounts, 0);
        return [.. parts.Zip(Groups, (part, group) => part.view(group.Examples.Length, group.Width, rows.shape[1]))];
    }

    /// <summary>[R, C] → [B, width, C] in the order of the examples, zero behind each example's end.</summary>
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

/// <summary>Examples with one number of rows.</summary>
/// <param name="Examples">Their places in the batch.</param>
/// <param name="Width">Rows of each.</param>
internal sealed record RowGroup(int[] Examples, int Width);

using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Models.T5.Modules;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// The embedded rows of a batch, each distinct row once. Leading rows (a prompt) may be shared by several examples and may take gradients; each
/// example's own rows follow them. Functions of single rows are computed once per distinct row, and without a graph for rows that take no gradient.
/// <see cref="Assemble"/> then lays out every example's rows.
/// </summary>
/// <remarks>
/// For example, a prompt of 2 rows before examples of 3 and 5 tokens has 10 distinct rows, 2 leading and 8 own ones, and the lengths (5, 7). In
/// the packed layout they become 12 rows, the longest example first: rows 0–1 are the prompt and 2–6 the own rows 3–7 of example 1; rows 7–8 are
/// the prompt again and 9–11 the own rows 0–2 of example 0.
/// </remarks>
internal sealed class EncoderInput
{
    private readonly Tensor? _leading; // [sum of the leading parts, H]
    private readonly (int Start, int Count)[] _leadingOf; // of each example
    private readonly Tensor _own; // [sum of own lengths, H]
    private readonly int[] _ownLengths;

    private EncoderInput(Tensor? leading, (int Start, int Count)[] leadingOf, Tensor own, int[] ownLengths)
    {
        (_leading, _leadingOf, _own, _ownLengths) = (leading, leadingOf, own, ownLengths);
        Lengths = [.. leadingOf.Zip(ownLengths, (leading, length) => leading.Count + length)];
    }

    /// <summary>Rows of each example.</summary>
    internal int[] Lengths { get; }

    /// <summary>Creates an input without shared rows.</summary>
    /// <param name="own">[R, H], the rows of all examples, concatenated.</param>
    /// <param name="ownLengths">Rows of each example.</param>
    internal static EncoderInput Of(Tensor own, int[] ownLengths) => new(null, new (int, int)[ownLengths.Length], own, ownLengths);

    /// <summary>Creates an input without shared rows from padded rows.</summary>
    /// <param name="padded">[B, S, H]; each example's rows come first.</param>
    /// <param name="lengths">Rows of each example.</param>
    internal static EncoderInput OfPadded(Tensor padded, int[] lengths) =>
        Of(cat([.. lengths.Zip(padded.unbind(0), (length, example) => example.narrow(0, 0, length))], 0), lengths);

    /// <summary>Creates an input with leading rows that examples may share.</summary>
    /// <param name="leading">Distinct parts [P, H].</param>
    /// <param name="leadingOf">Index of the part before each example.</param>
    /// <param name="own">[R, H], the rows of all examples, concatenated.</param>
    /// <param name="ownLengths">Rows of each example.</param>
    internal static EncoderInput Of(Tensor[] leading, int[] leadingOf, Tensor own, int[] ownLengths)
    {
        var starts = new int[leading.Length];
        for (var i = 1; i < starts.Length; i++)
            starts[i] = starts[i - 1] + (int)leading[i - 1].shape[0];
        var all = (leading.Length == 1 ? leading[0] : cat(leading, 0)).to_type(own.dtype);
        return new EncoderInput(all, [.. leadingOf.Select(part => (starts[part], (int)leading[part].shape[0]))], own, ownLengths);
    }

    /// <summary>Drops elements. A shared leading row becomes a separate row of each example, with its own mask.</summary>
    internal EncoderInput Drop(Dropout? dropout, int place)
    {
        if (dropout is null)
            return this;
        var own = dropout.Drop(_own, place, [.. Ids(_ownLengths, example => _leadingOf[example].Count)]);
        if (_leading is null)
            return Of(own, _ownLengths);
        int[] counts = [.. _leadingOf.Select(leading => leading.Count)];
        var leading = cat([.. _leadingOf.Select(part => _leading.narrow(0, part.Start, part.Count))], 0); // [sum of counts, H]
        var start = 0;
        var parts = counts.Select(count => (start += count, count)).Select(end => (end.Item1 - end.count, end.count)).ToArray();
        return new EncoderInput(dropout.Drop(leading, place, [.. Ids(counts, _ => 0)]), parts, own, _ownLengths);
    }

    /// <summary>Applies a function to every distinct row and lays out the results, with zeros where the layout pads.</summary>
    /// <param name="layout">The layout of the result.</param>
    /// <param name="ofRows">[rows, H] → [rows, C].</param>
    /// <returns>[R, C]</returns>
    internal Tensor Assemble(RowLayout layout, Func<Tensor, Tensor> ofRows)
    {
        var own = ofRows(_own); // [sum of own lengths, C]
        var leading = _leading is null ? null : ofRows(_leading);
        var ownParts = own.split([.. _ownLengths.Select(length => (long)length)], 0);
        var parts = new List<Tensor>();
        foreach (var group in layout.Groups)
        {
            foreach (var example in group.Examples)
            {
                if (leading is not null)
                    parts.Add(leading.narrow(0, _leadingOf[example].Start, _leadingOf[example].Count));
                parts.Add(ownParts[example]);
                if (group.Width > Lengths[example])
                    parts.Add(zeros([group.Width - Lengths[example], own.shape[1]], own.dtype, own.device));
            }
        }

        return cat(parts, 0);
    }

    private static IEnumerable<uint> Ids(int[] counts, Func<int, int> from) =>
        counts.SelectMany((count, example) => Enumerable.Range(from(example), count).Select(position => MaskGenerator.RowId(example, position)));
}

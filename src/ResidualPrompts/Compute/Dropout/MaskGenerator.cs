using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// A counter-based generator of dropout masks. An element is kept or dropped by a hash of (seed, place, row id, column), of which 16 bits are
/// compared with the rate. Nothing is drawn in sequence, so any number of threads can fill rows.
/// </summary>
internal sealed class MaskGenerator(double rate, ulong seed)
{
    private readonly uint _threshold = (uint)Math.Round(rate * (1 << 16));

    /// <summary>The id of an example's row; it does not depend on the layout.</summary>
    internal static uint RowId(int example, int position) => ((uint)example << 16) + (uint)position;

    /// <summary>Creates a mask with the shape, type and device of <paramref name="like"/>.</summary>
    /// <param name="place">Number of the mask.</param>
    /// <param name="rowIds">Ids of its rows (all dimensions but the last).</param>
    /// <param name="like">The tensor to mask.</param>
    /// <param name="kept">Value of kept elements.</param>
    /// <param name="dropped">Value of dropped elements.</param>
    internal Tensor Make(int place, uint[] rowIds, Tensor like, float kept, float dropped)
    {
        var mask = empty(like.shape, ScalarType.Float32);
        Write(place, rowIds, mask, kept, dropped);
        return mask.to(like.dtype, like.device);
    }

    /// <summary>Writes elements of one row of a mask, from a column on that is a multiple of <see cref="MaskRow.BlockSize"/>.</summary>
    internal unsafe void WriteRow(int place, uint rowId, int firstColumn, Span<float> elements, float kept, float dropped)
    {
        fixed (float* start = elements)
            MaskRow.Fill(start, firstColumn, elements.Length, Rule(PlaceKey(place), rowId, kept, dropped));
    }

    private unsafe void Write(int place, uint[] rowIds, Tensor target, float kept, float dropped)
    {
        if (target.numel() == 0)
            return;
        var columnCount = (int)(target.numel() / rowIds.Length);
        var key = PlaceKey(place);
        fixed (byte* start = target.bytes)
        {
            var rows = (float*)start;
            MaskedRows.For(rowIds.Length, columnCount, get_num_threads(), (row, first) =>
                MaskRow.Fill(rows + first, 0, columnCount, Rule(key, rowIds[row], kept, dropped)));
        }
    }

    private uint PlaceKey(int place) => MaskRow.Hash((uint)seed ^ MaskRow.Hash((uint)(seed >> 32) + (0x9E3779B9u * ((uint)place + 1))));

    private MaskRow.Rule Rule(uint placeKey, uint rowId, float kept, float dropped) =>
        new(MaskRow.Hash(placeKey ^ MaskRow.Hash(rowId)), _threshold, kept, dropped);
}

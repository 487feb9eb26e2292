using ResidualPrompts.Compute.Profiling;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// The dropout mask of a matrix. It is generated where it is used, forward and backward; only operands that are not float32 on the CPU take it as a
/// tensor.
/// </summary>
/// <param name="generator">The generator.</param>
/// <param name="place">Number of the mask.</param>
/// <param name="rowIds">Ids of the matrix's rows.</param>
/// <param name="kept">Value of kept elements; dropped ones are 0.</param>
internal sealed class MatrixMask(MaskGenerator generator, int place, uint[] rowIds, float kept)
{
    /// <summary>A good number of elements to write at a time: they stay in the L1 cache.</summary>
    internal const int PieceSize = 1024;

    /// <summary>Value of kept elements.</summary>
    internal float Kept => kept;

    /// <summary>The mask as a tensor with the shape, type and device of <paramref name="like"/>.</summary>
    internal Tensor Make(Tensor like) => generator.Make(place, rowIds, like, kept, 0);

    /// <summary>Writes elements of one row.</summary>
    /// <param name="row">Index of the row.</param>
    /// <param name="firstColumn">A multiple of <see cref="MaskRow.BlockSize"/>.</param>
    /// <param name="elements">Receives the elements from this column on.</param>
    internal void Fill(int row, int firstColumn, Span<float> elements) =>
        generator.WriteRow(place, rowIds[row], firstColumn, elements, kept, 0);

    /// <summary>mask ⊙ rows.</summary>
    /// <param name="rows">[R, C]</param>
    internal Tensor Drop(Tensor rows) => StepProfile.Measure(
        StepProfile.Dropout, rows, dropped => CanTake(dropped) ? DroppedSum.Of(null, dropped, this) : dropped * Make(dropped));

    /// <summary>x + mask ⊙ rows.</summary>
    /// <param name="x">[R, C]</param>
    /// <param name="rows">[R, C]</param>
    internal Tensor AddDropped(Tensor x, Tensor rows) => StepProfile.Measure(StepProfile.Dropout, rows, dropped =>
        CanTake(x) && CanTake(dropped) && x.shape[1] == dropped.shape[1] ? DroppedSum.Of(x, dropped, this) : x.addcmul(dropped, Make(x), 1));

    /// <summary>mask ⊙ relu(x) in place.</summary>
    /// <param name="x">[R, C]; no gradient may need its old values.</param>
    internal Tensor Relu(Tensor x) => StepProfile.Measure(
        StepProfile.Dropout, x, rows => CanTake(rows) && rows.is_contiguous() ? DroppedRelu.Of(rows, this) : rows.relu_() * Make(rows));

    private bool CanTake(Tensor x) =>
        x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && x.dim() == 2 && x.shape[0] == rowIds.Length && x.shape[1] > 0
        && rowIds.Length > 0 && x.numel() <= int.MaxValue / sizeof(float);
}

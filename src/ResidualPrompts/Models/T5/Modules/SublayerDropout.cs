using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>
/// The dropout of one sub-layer, or none. Every mask depends only on the step's seed, the place in the model, the example, its position and the
/// column; so it is the same in every layout of the rows.
/// </summary>
/// <param name="dropout">The step's dropout, or null.</param>
/// <param name="place">Number of the sub-layer; it has <see cref="PlaceCount"/> masks.</param>
/// <param name="layout">The layout of the rows.</param>
internal readonly struct SublayerDropout(Dropout? dropout, int place, RowLayout layout)
{
    private const int PlaceCount = 2;

    /// <summary>Drops elements of the sub-layer's output [R, H].</summary>
    internal Tensor Drop(Tensor rows) => Mask(0)?.Drop(rows) ?? rows;

    /// <summary>x + dropout(rows · weightᵀ): the skip connection of every sub-layer.</summary>
    /// <param name="x">[R, H]</param>
    /// <param name="rows">[R, inner]</param>
    /// <param name="weight">[H, inner]</param>
    /// <param name="ops">The tensor operations.</param>
    internal Tensor AddTo(Tensor x, Tensor rows, Tensor weight, TensorOps ops) => ops.AddLinear(x, rows, weight, Mask(0));

    /// <summary>Computes dropout(relu(x)) in place, [R, ff].</summary>
    internal Tensor Relu(Tensor x) => Mask(1)?.Relu(x) ?? x.relu_();

    /// <summary>Drops elements inside a sub-layer, [R, C].</summary>
    internal Tensor DropInside(Tensor rows) => Mask(1)?.Drop(rows) ?? rows;

    /// <summary>The mask of attention weights, or null.</summary>
    internal RowMask? WeightMask => dropout?.RowMask((PlaceCount * place) + 1);

    private MatrixMask? Mask(int number) => dropout?.Mask((PlaceCount * place) + number, layout.RowIds);
}

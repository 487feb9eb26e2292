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
    internal Tensor Drop(Tensor rows) => dropout is null ? rows : dropout.Drop(rows, PlaceCount * place, layout.RowIds);

    /// <summary>x + dropout(rows · weightᵀ): the skip connection of every sub-layer.</summary>
    /// <param name="x">[R, H]</param>
    /// <param name="rows">[R, inner]; scaled by <paramref name="scale"/> first.</param>
    /// <param name="weight">[H, inner]</param>
    /// <param name="ops">The tensor operations.</param>
    /// <param name="scale">A factor that the rows still lack.</param>
    internal Tensor AddTo(Tensor x, Tensor rows, Tensor weight, TensorOps ops, double scale = 1) =>
        ops.AddLinear(x, rows, weight, scale, dropout?.Mask(PlaceCount * place, layout.RowIds, x));

    /// <summary>
    /// Computes dropout(relu(x)) in place, up to the factor 1 / (1 − rate), which is returned. Dropped elements become minus infinity before
    /// relu. So the gradient needs only relu's result, and no multiplication.
    /// </summary>
    internal (Tensor Rows, double Scale) Relu(Tensor x) // [R, ff]
    {
        if (dropout is null)
            return (x.relu_(), 1);
        return (dropout.Exclude(x, (PlaceCount * place) + 1, layout.RowIds).relu_(), dropout.KeptScale);
    }

    /// <summary>Drops elements inside a sub-layer, [R, C].</summary>
    internal Tensor DropInside(Tensor rows) => dropout is null ? rows : dropout.Drop(rows, (PlaceCount * place) + 1, layout.RowIds);

    /// <summary>The mask of attention weights, or null.</summary>
    internal RowMask? WeightMask => dropout?.RowMask((PlaceCount * place) + 1);
}

using ResidualPrompts.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>Products of rows with a weight, by the library that is fastest at them on this machine.</summary>
/// <param name="takesWide">Whether <see cref="WideProducts"/> may be taken.</param>
internal sealed class MatrixProducts(Func<bool> takesWide)
{
    // Below, to bring the operands into oneDNN's order takes longer than it saves.
    private const int FewestRows = 64;

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    /// <returns>[..., N]</returns>
    internal Tensor Linear(Tensor x, Tensor weight)
    {
        if (!IsWide(x, weight))
            return linear(x, weight);
        return x.dim() == 2 ? WideProducts.Linear(x, weight) : WideProducts.Linear(x.flatten(0, -2), weight).view([.. x.shape[..^1], weight.shape[0]]);
    }

    /// <summary>x + scale · rows · weightᵀ.</summary>
    /// <param name="x">[R, N]</param>
    /// <param name="rows">[R, K]</param>
    /// <param name="weight">[N, K]</param>
    /// <param name="scale">The factor.</param>
    internal Tensor Add(Tensor x, Tensor rows, Tensor weight, double scale) =>
        IsWide(rows, weight) ? x.add(WideProducts.Linear(rows, weight), (float)scale) : addmm(x, rows, weight.t(), 1, (float)scale);

    private bool IsWide(Tensor x, Tensor weight) =>
        x.numel() / x.shape[^1] >= FewestRows && x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && !weight.requires_grad
        && takesWide() && WideProducts.AreFaster;
}

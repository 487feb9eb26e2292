using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Products with frozen weights in 8-bit integers, without a graph.</summary>
internal interface IInt8Products : IDisposable
{
    /// <summary>Whether these operands can be multiplied.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    bool CanMultiply(Tensor x, Tensor weight);

    /// <summary>x · weightᵀ for every weight.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="epsilon">Epsilon of T5's norm without a gain, applied to the rows first; null = no norm.</param>
    /// <param name="weights">[N, K]; they must never change.</param>
    /// <returns>[R, N] for each weight.</returns>
    Tensor[] Linear(Tensor x, double? epsilon, params ReadOnlySpan<Tensor> weights);
}

using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>Weights in the form that a product takes, each made at its first use.</summary>
/// <typeparam name="TWeight">The form.</typeparam>
/// <param name="quantize">Makes it of float32[N, K].</param>
internal sealed class QuantizedWeights<TWeight>(Func<Tensor, TWeight> quantize) : IDisposable
    where TWeight : IDisposable
{
    private readonly Dictionary<Tensor, TWeight> _made = new(ReferenceEqualityComparer.Instance);

    internal TWeight Of(Tensor weight)
    {
        if (!_made.TryGetValue(weight, out var quantized))
            _made.Add(weight, quantized = quantize(weight));
        return quantized;
    }

    public void Dispose()
    {
        foreach (var weight in _made.Values)
            weight.Dispose();
    }
}

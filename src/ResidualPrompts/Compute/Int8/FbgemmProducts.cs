using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Products of rows with frozen weights by <see cref="Fbgemm"/>, with a scale for each row of both operands. FBGEMM has one scale for a whole
/// operand, so every row is first mapped to 0 to 1 (<see cref="UnitRows"/>), and a last row of ones makes this the range of every left operand:
/// a row's result does not depend on the other rows.
/// </summary>
internal sealed class FbgemmProducts : IInt8Products
{
    private const int MaxInner = int.MaxValue / (byte.MaxValue * byte.MaxValue); // a 32-bit sum of two whole ranges does not overflow

    private readonly QuantizedWeights<FbgemmWeight> _weights = new(weight => new FbgemmWeight(weight));

    public bool CanMultiply(Tensor x, Tensor weight) => ManagedGemm.CanTake(x, weight) && weight.shape[1] <= MaxInner;

    /// <inheritdoc cref="Int8Gemm.Linear"/>
    public Tensor[] Linear(Tensor x, double? epsilon, params ReadOnlySpan<Tensor> weights)
    {
        using var rows = new UnitRows(x, (float?)epsilon);
        var products = new Tensor[weights.Length];
        for (var i = 0; i < products.Length; i++)
            products[i] = _weights.Of(weights[i]).Multiply(rows);
        return products;
    }

    public void Dispose() => _weights.Dispose();
}

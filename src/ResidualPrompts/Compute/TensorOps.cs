using ResidualPrompts.Compute.Int8;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Models.T5.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Compute;

/// <summary>Products of rows with a weight, by whatever is fastest at them on this machine, or in 8-bit integers where that is asked for.</summary>
/// <param name="takesOwn">Whether <see cref="ManagedGemm"/> may be taken.</param>
internal sealed class TensorOps(Func<bool> takesOwn)
{
    /// <summary>Computes <see cref="NormedLinear"/> and <see cref="Add"/> while gradients are off; null = in float32, as everything else.</summary>
    internal Int8Gemm? Int8 { get; set; }

    private bool TakesOwn => ManagedGemm.AreFaster && takesOwn();

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    /// <returns>[..., N]</returns>
    internal Tensor Linear(Tensor x, Tensor weight)
    {
        if (!IsOwn(x, weight))
            return linear(x, weight);
        return x.dim() == 2 ? ManagedGemm.Linear(x, weight) : ManagedGemm.Linear(x.flatten(0, -2), weight).view([.. x.shape[..^1], weight.shape[0]]);
    }

    /// <summary>norm(x) · weightᵀ for as many weights as there are.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="norm">Of x.</param>
    /// <param name="weights">[N, K]</param>
    /// <returns>[R, N] for each weight.</returns>
    internal Tensor[] NormedLinear(Tensor x, RmsNorm norm, params ReadOnlySpan<Tensor> weights)
    {
        if (!norm.HasGain && IsInt8(x, weights))
            return Int8!.Linear(x, norm.Epsilon, weights);
        Tensor? normed = null;
        var products = new Tensor[weights.Length];
        for (var i = 0; i < products.Length; i++)
        {
            products[i] = norm.HasGain || !IsOwn(x, weights[i])
                ? Linear(normed ??= norm.Forward(x), weights[i])
                : ManagedGemm.NormedLinear(x, norm.Epsilon, weights[i]);
        }

        return products;
    }

    /// <summary>x + scale · rows · weightᵀ.</summary>
    /// <param name="x">[R, N]</param>
    /// <param name="rows">[R, K]</param>
    /// <param name="weight">[N, K]</param>
    /// <param name="scale">The factor.</param>
    internal Tensor Add(Tensor x, Tensor rows, Tensor weight, double scale) =>
        IsInt8(rows, weight) ? x.add(Int8!.Linear(rows, null, weight)[0], (float)scale)
        : IsOwn(rows, weight) ? x.add(ManagedGemm.Linear(rows, weight), (float)scale)
        : addmm(x, rows, weight.t(), 1, (float)scale);

    /// <summary>Whether self-attention is to be <see cref="ManagedAttention"/>.</summary>
    /// <param name="bias">The position bias's weight.</param>
    /// <param name="projectedCount">Elements of queries, keys and values together.</param>
    internal bool TakesOwnAttention(Tensor bias, long projectedCount) => TakesOwn && ManagedGemm.CanAttend(bias, projectedCount);

    /// <summary>Whether cross-attention that absorbs projections is to be <see cref="ManagedCrossAttention"/>.</summary>
    /// <param name="states">What is attended to.</param>
    /// <param name="k">Projects keys.</param>
    /// <param name="v">Projects values.</param>
    /// <param name="wideCount">Elements of all wide queries.</param>
    internal bool TakesOwnCrossAttention(Tensor states, Tensor k, Tensor v, long wideCount) =>
        TakesOwn && ManagedGemm.CanAbsorb(states, k, v, wideCount);

    private bool IsInt8(Tensor x, params ReadOnlySpan<Tensor> weights)
    {
        if (Int8 is null || is_grad_enabled())
            return false;
        foreach (var weight in weights)
        {
            if (!Int8Gemm.CanTake(x, weight))
                return false;
        }

        return true;
    }

    private bool IsOwn(Tensor x, Tensor weight) => TakesOwn && ManagedGemm.CanTake(x, weight);
}

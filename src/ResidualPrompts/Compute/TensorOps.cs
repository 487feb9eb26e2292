using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Compute.Profiling;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Compute;

/// <summary>
/// The expensive operations of a T5. The kernels of each are fixed when the object is created (<see cref="ComputeChoice"/>); libtorch computes
/// operands that the kernels do not support.
/// </summary>
/// <param name="kernels">The kernels of each operation.</param>
/// <param name="int8">Computes <see cref="NormedLinear"/> and <see cref="AddLinear"/> while gradients are off; null = float32. Owned.</param>
internal sealed class TensorOps(OperationKernels kernels, IInt8Products? int8 = null) : IDisposable
{
    /// <summary>T5's layer norm: x · gain / sqrt(mean(x²) + epsilon), the mean square in float32.</summary>
    /// <param name="x">[..., H]</param>
    /// <param name="gain">[H], or null for 1.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    internal Tensor Norm(Tensor x, Tensor? gain, double epsilon) => StepProfile.Measure(StepProfile.Norms, x, rows =>
    {
        var chosen = gain is { requires_grad: true } ? null : kernels.Norm; // as everything else where weights train
        var normed = chosen is not null && chosen.CanNormalize(rows) ? chosen.Norm(rows, epsilon) : LibTorchNorm(rows, epsilon);
        return gain is null ? normed : gain * normed;
    });

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    /// <returns>[..., N]</returns>
    internal Tensor Linear(Tensor x, Tensor weight) => StepProfile.Product(x, weight, rows =>
    {
        if (kernels.Linear is not { } chosen || !chosen.CanMultiply(rows, weight))
            return linear(rows, weight);
        return rows.dim() == 2
            ? chosen.Linear(rows, weight)
            : chosen.Linear(rows.flatten(0, -2), weight).view([.. rows.shape[..^1], weight.shape[0]]);
    });

    /// <summary>norm(x) · weightᵀ for every weight.</summary>
    /// <param name="x">[R, K]</param>
    /// <param name="gain">The norm's gain [K], or null where it is folded into the weights.</param>
    /// <param name="epsilon">The norm's epsilon.</param>
    /// <param name="weights">[N, K]</param>
    /// <returns>[R, N] for each weight.</returns>
    internal Tensor[] NormedLinear(Tensor x, Tensor? gain, double epsilon, params ReadOnlySpan<Tensor> weights)
    {
        if (gain is null && IsInt8(x, weights))
            return int8!.Linear(x, epsilon, weights);
        Tensor? normed = null;
        var products = new Tensor[weights.Length];
        for (var i = 0; i < products.Length; i++)
        {
            var weight = weights[i];
            var chosen = kernels.NormedLinear is { } managed && managed.CanMultiply(x, weight) ? managed : null;
            products[i] = chosen is not null && gain is null
                ? StepProfile.Product(x, weight, rows => chosen.NormedLinear(rows, epsilon, weight))
                : StepProfile.Product(normed ??= Norm(x, gain, epsilon), weight, rows => chosen?.Linear(rows, weight) ?? linear(rows, weight));
        }

        return products;
    }

    /// <summary>x + mask ⊙ (rows · weightᵀ).</summary>
    /// <param name="x">[R, N]</param>
    /// <param name="rows">[R, K]</param>
    /// <param name="weight">[N, K]</param>
    /// <param name="mask">Dropout mask of [R, N], or null.</param>
    internal Tensor AddLinear(Tensor x, Tensor rows, Tensor weight, MatrixMask? mask = null)
    {
        if (mask is null && IsInt8(rows, weight))
            return x.add(int8!.Linear(rows, null, weight)[0]);
        return StepProfile.Product(rows, weight, operand =>
        {
            var product = kernels.AddLinear is { } chosen && chosen.CanMultiply(operand, weight) ? chosen.Linear(operand, weight) : null;
            return mask is not null ? mask.AddDropped(x, product ?? linear(operand, weight))
                : product is not null ? x.add(product)
                : addmm(x, operand, weight.t(), 1, 1);
        });
    }

    /// <summary>Prepares a position bias that depends only on the distance, and the mask of padded rows, once for all layers of a batch.</summary>
    /// <param name="table">[buckets, heads]</param>
    /// <param name="buckets">Bucket of each distance key − query, 1 − width to width − 1, i64[2 · width − 1], for up to <c>width</c> rows.</param>
    /// <param name="spans">The examples; those with equally many rows are adjacent.</param>
    /// <param name="headSize">Elements of a head.</param>
    /// <param name="hasDropout">Whether attention weights will be dropped.</param>
    internal PreparedBias PrepareBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize, bool hasDropout) =>
        kernels.SelfAttention(hasDropout)?.PrepareBias(table, buckets, spans, headSize) ?? LibTorchBias.Of(table, buckets, spans, headSize);

    /// <summary>Prepares a bias that is given for every query and key, for attention with libtorch.</summary>
    /// <param name="bias">Position bias and mask, broadcasts to [examples, heads, queries, keys].</param>
    /// <param name="spans">The examples, all with equally many rows.</param>
    /// <param name="headSize">Elements of a head.</param>
    internal static PreparedBias PrepareBias(Tensor bias, AttentionSpan[] spans, int headSize) =>
        new LibTorchBias(spans, [bias], (int)bias.shape[1], headSize);

    /// <summary>softmax(Q Kᵀ / √size + bias) V within each example.</summary>
    /// <param name="projected">[R, 3 · heads · size]: queries (times √size), keys and values, in the rows of the bias's spans.</param>
    /// <param name="bias">A bias from <see cref="PrepareBias(Tensor, Tensor, AttentionSpan[], int, bool)"/>.</param>
    /// <param name="mask">Dropout mask of attention weights, or null.</param>
    /// <param name="cache">Keys and values of earlier positions, which this call extends; or null.</param>
    /// <returns>[R, heads · size]</returns>
    internal static Tensor SelfAttention(Tensor projected, PreparedBias bias, RowMask? mask, KeyValueCache? cache = null) =>
        StepProfile.Measure(StepProfile.Attention, projected, rows => bias.Attend(rows, mask, cache));

    /// <summary>softmax(Q Kᵀ) V with keys and values of the encoder's states.</summary>
    /// <param name="q">[B · N, heads · size]</param>
    /// <param name="attended">The states, with keys and values or without; without, the projections are absorbed.</param>
    /// <param name="k">Projection of keys, [heads · size, H].</param>
    /// <param name="v">Projection of values, the same shape.</param>
    /// <param name="headCount">Heads.</param>
    /// <param name="mask">Dropout mask of attention weights, or null.</param>
    /// <returns>[B · N, heads · size]</returns>
    internal Tensor CrossAttention(Tensor q, CrossAttentionStates attended, Tensor k, Tensor v, int headCount, RowMask? mask) =>
        StepProfile.Measure(StepProfile.CrossAttention, q, attended.States, (queries, states) =>
            Attend(queries, attended with { States = states }, k, v, headCount, mask));

    public void Dispose() => int8?.Dispose();

    private Tensor Attend(Tensor q, CrossAttentionStates attended, Tensor k, Tensor v, int headCount, RowMask? mask)
    {
        var (states, headSize) = (attended.States, (int)q.shape[1] / headCount);
        var byHead = q.view(states.shape[0], -1, headCount, headSize); // [B, N, heads, size]
        if (attended.Keys is { } keys)
            return LibTorchAttention.AttendAcross(byHead, keys, attended.Values!, attended.Mask, mask);
        var (queryCount, width, hiddenSize) = ((int)byHead.shape[1], (int)states.shape[1], (int)states.shape[2]);
        return kernels.CrossAttention is { } chosen && chosen.CanAbsorb(states, k, v, q.numel() / headSize * hiddenSize)
            ? chosen.CrossAttention(
                q, states, k, v, new CrossAttentionInput(attended.Lengths, width, queryCount, headCount, headSize, hiddenSize, mask))
            : LibTorchAttention.Absorb(byHead, states, k, v, attended.Mask, mask);
    }

    private static Tensor LibTorchNorm(Tensor x, double epsilon)
    {
        var meanSquare = x.to_type(ScalarType.Float32).square().mean([-1], keepdim: true); // [..., 1]
        return (x * rsqrt(meanSquare.add_(epsilon))).to_type(x.dtype);
    }

    private bool IsInt8(Tensor x, params ReadOnlySpan<Tensor> weights)
    {
        if (int8 is null || is_grad_enabled())
            return false;
        foreach (var weight in weights)
        {
            if (!int8.CanMultiply(x, weight))
                return false;
        }

        return true;
    }
}

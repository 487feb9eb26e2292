using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>What the decoder attends to in one layer: the encoder's states themselves, or keys and values projected from them.</summary>
/// <param name="States">[B, S, H]</param>
/// <param name="Lengths">Valid states of each example.</param>
/// <param name="Keys">[B, heads, S, size], or null to absorb the projections.</param>
/// <param name="Values">[B, heads, S, size], or null.</param>
/// <param name="Mask">Hides padded states, [B, 1, 1, S], or null.</param>
internal sealed record CrossInput(Tensor States, int[] Lengths, Tensor? Keys, Tensor? Values, Tensor? Mask);

/// <summary>One layer of attention from the decoder to the encoder's states, with its norm and its skip connection; no position bias.</summary>
internal sealed class CrossAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor _q, _k, _v; // [heads · size, H]
    private readonly Tensor _o; // [H, heads · size]
    private readonly int _headCount, _headSize;
    private readonly TensorOps _products;

    internal CrossAttention(T5Config config, WeightScope layer, TensorOps products)
    {
        _norm = new RmsNorm(layer.Find(WeightPreparation.Gain), config.NormEpsilon);
        var attention = layer.In("EncDecAttention");
        (_q, _k, _v, _o) = (attention["q.weight"], attention["k.weight"], attention["v.weight"], attention["o.weight"]);
        (_headCount, _headSize, _products) = (config.HeadCount, config.HeadSize, products);
    }

    /// <summary>The states [B, S, H] with their keys and values.</summary>
    internal CrossInput Project(Tensor states, int[] lengths, Tensor? mask) =>
        new(states, lengths, Heads.Split(_products.Linear(states, _k), _headCount), Heads.Split(_products.Linear(states, _v), _headCount), mask);

    /// <summary>Attends from rows [B · N, H] to the states.</summary>
    internal Tensor Forward(Tensor x, CrossInput input, SublayerDropout site)
    {
        using var scope = NewDisposeScope();
        var q = _products.NormedLinear(x, _norm, _q)[0]; // [B · N, heads · size]
        var byHead = q.view(input.States.shape[0], -1, _headCount, _headSize); // [B, N, heads, size]
        var mixed = input.Keys is { } keys ? Attend(byHead, keys, input.Values!, input.Mask, site)
            : Own(byHead, input, site) is { } own ? ManagedCrossAttention.Attend(q, input.States, _k, _v, own)
            : Absorb(byHead, input.States, input.Mask, site); // [B · N, heads · size]
        return site.AddTo(x, mixed, _o, _products).MoveToOuterDisposeScope();
    }

    /// <summary>For absorbing by kernels of this library; null where libtorch's products are taken.</summary>
    private CrossAttentionInput? Own(Tensor q, CrossInput input, SublayerDropout site)
    {
        var (width, hidden) = ((int)input.States.shape[1], (int)input.States.shape[2]);
        return _products.TakesOwnCrossAttention(input.States, _k, _v, q.numel() / _headSize * hidden)
            ? new CrossAttentionInput(input.Lengths, width, (int)q.shape[1], _headCount, _headSize, hidden, site.WeightMask)
            : null;
    }

    private static Tensor Attend(Tensor q, Tensor keys, Tensor values, Tensor? mask, SublayerDropout site)
    {
        int[] examples = [.. Enumerable.Range(0, (int)q.shape[0])];
        return Heads.Merge(Heads.Attend(q.transpose(1, 2) * Math.Sqrt(q.shape[^1]), keys, values, mask, examples, site)).flatten(0, 1);
    }

    /// <summary>
    /// The same without keys and values: (q Wk) Xᵀ instead of q (X Wkᵀ)ᵀ, and (A X) Wvᵀ instead of A (X Wvᵀ). A decoder has few queries and
    /// an encoder many states, and a matrix product with each state is what this avoids.
    /// </summary>
    private Tensor Absorb(Tensor q, Tensor states, Tensor? mask, SublayerDropout site)
    {
        var (count, width, hidden) = (q.shape[0], q.shape[1], states.shape[2]);
        var perHead = q.permute(2, 0, 1, 3).reshape(_headCount, count * width, _headSize);
        var queries = bmm(perHead, _k.view(_headCount, _headSize, hidden)); // [heads, B · N, H]
        queries = queries.view(_headCount, count, width, hidden).transpose(0, 1).reshape(count, _headCount * width, hidden);
        var logits = bmm(queries, states.transpose(1, 2)); // [B, heads · N, S]
        if (mask is not null)
            logits.add_(mask.squeeze(1));
        var weights = softmax(logits, -1, ScalarType.Float32).to_type(states.dtype);
        if (site.Drops)
            weights = stack([.. weights.view(count, _headCount, width, -1).unbind(0).Select((one, example) => site.DropWeights(one, example))]).flatten(1, 2);
        var mixed = bmm(weights, states).view(count, _headCount, width, hidden).transpose(0, 1).reshape(_headCount, count * width, hidden);
        return bmm(mixed, _v.view(_headCount, _headSize, hidden).transpose(1, 2)).transpose(0, 1).flatten(1); // [B · N, heads · size]
    }
}

using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>Cross-attention with <see cref="BlockedCrossAttention"/>, and its gradients for queries and states.</summary>
internal sealed class ManagedCrossAttention : ManagedAutogradFunction<ManagedCrossAttention, ManagedCrossAttention.Operands>
{
    /// <summary>Attends from each example's queries to its states.</summary>
    /// <param name="q">float32[B · queries, heads · size] on the CPU.</param>
    /// <param name="states">float32[B, width, H] on the CPU.</param>
    /// <param name="k">Projection of keys, float32[heads · size, H] without gradient.</param>
    /// <param name="v">Projection of values, the same shape.</param>
    /// <param name="input">The other inputs.</param>
    /// <returns>float32[B · queries, heads · size]</returns>
    internal static Tensor Attend(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input)
    {
        if (is_grad_enabled() && (q.requires_grad || states.requires_grad))
            return Apply(new Operands(k, v, input), q, states);
        var (mixed, wide) = Forward(q, states, k, v, input);
        wide.Dispose();
        return mixed;
    }

    private protected override (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, Operands call)
    {
        var (mixed, wide) = Forward(inputs[0], inputs[1], call.K, call.V, call.Input);
        return (mixed, [wide, Keep(inputs[1]), Keep(call.K), Keep(call.V)]);
    }

    private protected override unsafe Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, Operands call)
    {
        var input = call.Input;
        using var states = kept[1].contiguous();
        using var keys = kept[2].contiguous();
        using var values = kept[3].contiguous();
        using var upper = gradient.contiguous();
        using var wideUpper = empty_like(kept[0]);
        using var wideGradient = empty_like(kept[0]);
        var queryGradient = empty_like(upper);
        var stateGradient = input.IsPacked ? empty_like(states) : zeros_like(states);
        fixed (byte* x = states.bytes, k = keys.bytes, v = values.bytes)
        fixed (byte* wideQueries = kept[0].bytes, wideUp = wideUpper.bytes, wideDown = wideGradient.bytes)
        fixed (byte* up = upper.bytes, dq = queryGradient.bytes, dx = stateGradient.bytes)
        {
            MatrixView Hidden(byte* start) => MatrixView.Of(start, input.HiddenSize);
            var attention = new BlockedCrossAttention(ManagedGemm.Kernel, input, Hidden(x), get_num_threads());
            attention.Widen(MatrixView.Of(up, input.InnerSize), Hidden(v), MatrixView.Of(wideUp, input.WideSize));
            attention.Backward(Hidden(wideQueries), Hidden(wideUp), Hidden(wideDown), Hidden(dx));
            attention.Narrow(MatrixView.Of(wideDown, input.WideSize), Hidden(k), MatrixView.Of(dq, input.InnerSize));
        }

        return [queryGradient, stateGradient];
    }

    /// <returns>The result of <see cref="Attend"/>, and the wide queries, [B · queries, heads · H].</returns>
    private static unsafe (Tensor Mixed, Tensor WideQueries) Forward(Tensor q, Tensor x, Tensor k, Tensor v, CrossAttentionInput input)
    {
        using var noGradients = no_grad();
        using var rows = q.contiguous();
        using var states = x.contiguous();
        using var keys = k.contiguous();
        using var values = v.contiguous();
        var wideQueries = empty(input.RowCount, input.WideSize);
        using var wideContexts = empty_like(wideQueries);
        var mixed = empty(rows.shape);
        fixed (byte* narrow = rows.bytes, xs = states.bytes, ks = keys.bytes, vs = values.bytes)
        fixed (byte* queries = wideQueries.bytes, contexts = wideContexts.bytes, result = mixed.bytes)
        {
            MatrixView Hidden(byte* start) => MatrixView.Of(start, input.HiddenSize);
            var attention = new BlockedCrossAttention(ManagedGemm.Kernel, input, Hidden(xs), get_num_threads());
            attention.Widen(MatrixView.Of(narrow, input.InnerSize), Hidden(ks), MatrixView.Of(queries, input.WideSize));
            attention.Forward(Hidden(queries), Hidden(contexts));
            attention.Narrow(MatrixView.Of(contexts, input.WideSize), Hidden(vs), MatrixView.Of(result, input.InnerSize));
        }

        return (mixed, wideQueries);
    }

    /// <summary>The frozen operands.</summary>
    /// <param name="K">Projection of keys, float32[heads · size, H].</param>
    /// <param name="V">Projection of values, the same shape.</param>
    /// <param name="Input">The other inputs.</param>
    internal sealed record Operands(Tensor K, Tensor V, CrossAttentionInput Input);
}

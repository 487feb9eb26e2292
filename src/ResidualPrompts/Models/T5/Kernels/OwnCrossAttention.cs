using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>Cross-attention by <see cref="BlockedCrossAttention"/>, with its gradients for queries and states.</summary>
internal sealed class OwnCrossAttention : OwnFunction<OwnCrossAttention, OwnCrossAttention.Rest>
{
    /// <summary>Attends from each example's queries to its states.</summary>
    /// <param name="q">float32[B · queries, heads · size] on the CPU.</param>
    /// <param name="states">float32[B, width, H] on the CPU.</param>
    /// <param name="k">Projects keys, float32[heads · size, H] without gradient.</param>
    /// <param name="v">Projects values, the same shape.</param>
    /// <param name="input">The rest.</param>
    /// <returns>float32[B · queries, heads · size]</returns>
    internal static Tensor Attend(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input)
    {
        if (is_grad_enabled() && (q.requires_grad || states.requires_grad))
            return Apply(new Rest(input, Keep(k), Keep(v)), q, states);
        using var wide = empty(input.RowCount, input.HeadCount * input.HiddenSize);
        return Forward(q, states, k, v, wide, input);
    }

    private protected override Tensor Compute(Tensor[] inputs, Rest call)
    {
        using var noGradients = no_grad();
        call.Queries = empty(call.Input.RowCount, call.Input.HeadCount * call.Input.HiddenSize).DetachFromDisposeScope();
        call.States = Keep(inputs[1]);
        return Forward(inputs[0], inputs[1], call.K, call.V, call.Queries, call.Input);
    }

    private protected override unsafe Tensor[] Gradients(Tensor gradient, Rest call)
    {
        using var noGradients = no_grad();
        var input = call.Input;
        using var kept = call; // a graph can be gone through once
        using var states = call.States!.contiguous();
        using var upper = gradient.contiguous();
        using var wideUpper = empty_like(call.Queries!);
        var queryGradient = empty_like(upper);
        var stateGradient = input.Lengths.All(length => length == input.Width) ? empty_like(states) : zeros_like(states);
        fixed (byte* x = states.bytes, k = call.K.bytes, v = call.V.bytes, queries = call.Queries!.bytes, contexts = wideUpper.bytes)
        fixed (byte* up = upper.bytes, dq = queryGradient.bytes, dx = stateGradient.bytes)
        {
            var attention = new BlockedCrossAttention(OwnProducts.Kernel, input, Rows(x, input.HiddenSize), get_num_threads());
            var (wideSize, narrowSize) = (input.HeadCount * input.HiddenSize, input.HeadCount * input.HeadSize);
            attention.Widen(Rows(up, narrowSize), Rows(v, input.HiddenSize), Rows(contexts, wideSize));
            attention.Gradient(Rows(queries, input.HiddenSize), Rows(contexts, input.HiddenSize), Rows(dx, input.HiddenSize));
            attention.Narrow(Rows(queries, wideSize), Rows(k, input.HiddenSize), Rows(dq, narrowSize));
        }

        return [queryGradient, stateGradient];
    }

    /// <summary>Attends, and leaves the wide queries in <paramref name="wide"/>.</summary>
    private static unsafe Tensor Forward(Tensor q, Tensor x, Tensor k, Tensor v, Tensor wide, CrossAttentionInput input)
    {
        using var noGradients = no_grad();
        using var rows = q.contiguous();
        using var states = x.contiguous();
        using var wideContexts = empty_like(wide);
        var mixed = empty(rows.shape);
        fixed (byte* narrow = rows.bytes, xs = states.bytes, ks = k.bytes, vs = v.bytes, queries = wide.bytes, contexts = wideContexts.bytes, result = mixed.bytes)
        {
            var attention = new BlockedCrossAttention(OwnProducts.Kernel, input, Rows(xs, input.HiddenSize), get_num_threads());
            var (wideSize, narrowSize) = (input.HeadCount * input.HiddenSize, input.HeadCount * input.HeadSize);
            attention.Widen(Rows(narrow, narrowSize), Rows(ks, input.HiddenSize), Rows(queries, wideSize));
            attention.Attend(Rows(queries, input.HiddenSize), Rows(contexts, input.HiddenSize));
            attention.Narrow(Rows(contexts, wideSize), Rows(vs, input.HiddenSize), Rows(result, narrowSize));
        }

        return mixed;
    }

    private static unsafe MatrixPiece Rows(byte* start, int size) => new((float*)start, size);

    /// <summary>What one call needs for its gradients.</summary>
    internal sealed class Rest(CrossAttentionInput input, Tensor k, Tensor v) : IDisposable
    {
        internal CrossAttentionInput Input => input;

        internal Tensor K => k;

        internal Tensor V => v;

        /// <summary>Wide queries, [B · queries, heads · H].</summary>
        internal Tensor? Queries { get; set; }

        /// <summary>As they came.</summary>
        internal Tensor? States { get; set; }

        public void Dispose()
        {
            k.Dispose();
            v.Dispose();
            Queries?.Dispose();
            States?.Dispose();
        }
    }
}

using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>
/// softmax(Q Kᵀ / √size + bias) V of every example and head, and its gradient. The idea is FlashAttention's (Dao et al. 2022, arXiv 2205.14135):
/// logits are never written to main memory, and are recomputed for the gradient. A thread takes one head of one example at a time and works on
/// blocks of queries, whose logits stay in its L2 cache. The number of threads does not change the result.
/// </summary>
/// <param name="kernel">The micro-kernel.</param>
/// <param name="input">Examples, bias, mask.</param>
/// <param name="bias">The input's bias, pinned.</param>
internal sealed unsafe class BlockedAttention(MicroKernel kernel, AttentionInput input, float* bias)
{
    private readonly int _maxKeyCount = input.Spans.Max(span => span.KeyCount);
    private readonly AttentionRow _row = AttentionRow.Of(kernel);
    private readonly float _scale = (float)(1 / Math.Sqrt(input.HeadSize));

    private delegate void HeadAction(AttentionWorkspace workspace, AttentionSpan span, int head);

    /// <summary>Computes the attention of every example and head.</summary>
    /// <param name="projected">[R, 3 · heads · size]</param>
    /// <param name="mixed">[R, heads · size]; written.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Forward(MatrixView projected, MatrixView mixed, int threadCount) => Run(threadCount, (workspace, span, head) =>
    {
        var (q, k, v) = Parts(projected, span, head);
        var result = mixed.From(span.FirstRow, head * input.HeadSize);
        for (var first = 0; first < span.QueryCount; first += AttentionWorkspace.MaxQueries)
        {
            var count = Math.Min(AttentionWorkspace.MaxQueries, span.QueryCount - first);
            workspace.Product.Multiply(q.From(first, 0), k.Transposed, workspace.Weights, count, input.HeadSize, span.KeyCount);
            for (var i = 0; i < count; i++)
            {
                var mask = Mask(workspace, span, head, first + i);
                _row.Softmax(workspace.Weights.At(i, 0), Bias(head, first + i), mask, span.KeyCount, _scale);
            }

            workspace.Product.Multiply(workspace.Weights, v, result.From(first, 0), count, span.KeyCount, input.HeadSize);
        }
    });

    /// <summary>Computes the gradient of <see cref="Forward"/>'s input.</summary>
    /// <param name="projected">[R, 3 · heads · size]</param>
    /// <param name="mixedGradient">[R, heads · size]</param>
    /// <param name="gradient">[R, 3 · heads · size]; written, except keys and values of padded rows.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Backward(MatrixView projected, MatrixView mixedGradient, MatrixView gradient, int threadCount) =>
        Run(threadCount, (workspace, span, head) =>
        {
            var (q, k, v) = Parts(projected, span, head);
            var (dq, dk, dv) = Parts(gradient, span, head);
            var upper = mixedGradient.From(span.FirstRow, head * input.HeadSize);
            for (var first = 0; first < span.QueryCount; first += AttentionWorkspace.MaxQueries)
            {
                var count = Math.Min(AttentionWorkspace.MaxQueries, span.QueryCount - first);
                var (weights, logits) = (workspace.Weights, workspace.Gradients);
                workspace.Product.Multiply(q.From(first, 0), k.Transposed, weights, count, input.HeadSize, span.KeyCount);
                workspace.Product.Multiply(upper.From(first, 0), v.Transposed, logits, count, input.HeadSize, span.KeyCount);
                for (var i = 0; i < count; i++)
                {
                    _row.Softmax(weights.At(i, 0), Bias(head, first + i), null, span.KeyCount, _scale);
                    _row.Gradient(weights.At(i, 0), logits.At(i, 0), Mask(workspace, span, head, first + i), span.KeyCount, _scale);
                }

                workspace.Product.Multiply(logits, k, dq.From(first, 0), count, span.KeyCount, input.HeadSize);
                workspace.Product.Multiply(logits.Transposed, q.From(first, 0), dk, span.KeyCount, count, input.HeadSize, accumulate: first > 0);
                workspace.Product.Multiply(weights.Transposed, upper.From(first, 0), dv, span.KeyCount, count, input.HeadSize, accumulate: first > 0);
            }
        });

    private (MatrixView Q, MatrixView K, MatrixView V) Parts(MatrixView side, AttentionSpan span, int head)
    {
        MatrixView Part(int part) => side.From(span.FirstRow, (part * input.InnerSize) + (head * input.HeadSize));
        return (Part(0), Part(1), Part(2));
    }

    private float* Bias(int head, int query) => bias + (head * (input.Bias.Length / input.HeadCount)) + (input.Width - 1 - query);

    private float* Mask(AttentionWorkspace workspace, AttentionSpan span, int head, int query) =>
        workspace.FillMask(input.Mask, RowMask.WeightRow(span.Example, head, input.HeadCount, query), span.KeyCount);

    private void Run(int threadCount, HeadAction action) =>
        ComputeTeam.Run(threadCount, input.Spans.Length * input.HeadCount, items =>
        {
            using var workspace = new AttentionWorkspace(kernel, _maxKeyCount);
            while (items.TryTake(out var i))
                action(workspace, input.Spans[i / input.HeadCount], i % input.HeadCount);
        });
}

using System.Runtime.CompilerServices;
using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>
/// Cross-attention that absorbs the projections of keys and values: (q Wk) Xᵀ instead of q (X Wkᵀ)ᵀ, and (A X) Wvᵀ instead of A (X Wvᵀ), where X
/// are an example's states and A its attention weights. A query then has a <em>wide</em> form, [heads · H]: its heads side by side, each as wide
/// as a state. An example's wide queries can also be read as rows [queries · heads, H]. The number of threads does not change the result.
/// </summary>
/// <param name="kernel">The micro-kernel.</param>
/// <param name="input">Sizes, mask.</param>
/// <param name="states">X of all examples, [B · width, H].</param>
/// <param name="threadCount">Maximum number of threads.</param>
internal sealed unsafe class BlockedCrossAttention(MicroKernel kernel, CrossAttentionInput input, MatrixView states, int threadCount)
{
    private readonly AttentionRow _row = AttentionRow.Of(kernel);
    private readonly int _rowCount = input.QueryCount * input.HeadCount; // of an example
    private readonly int[] _longestFirst = [.. input.Lengths.Index().OrderByDescending(example => example.Item).Select(example => example.Index)];

    /// <summary>Widens rows [B · queries, heads · size]: multiplies every head by its rows of the weight.</summary>
    /// <param name="rows">Queries, or the gradient of the result of <see cref="Narrow"/>.</param>
    /// <param name="weight">[heads · size, H]</param>
    /// <param name="wide">[B · queries, heads · H]; written.</param>
    internal void Widen(MatrixView rows, MatrixView weight, MatrixView wide) => OfEachHead((product, narrowColumn, wideColumn) =>
        product.Multiply(
            rows.From(0, narrowColumn), weight.From(narrowColumn, 0), wide.From(0, wideColumn), input.RowCount, input.HeadSize, input.HiddenSize));

    /// <summary>Narrows wide rows to [B · queries, heads · size]: multiplies every head by its rows of the weight, transposed.</summary>
    /// <param name="wide">[B · queries, heads · H]</param>
    /// <param name="weight">[heads · size, H]</param>
    /// <param name="rows">[B · queries, heads · size]; written.</param>
    internal void Narrow(MatrixView wide, MatrixView weight, MatrixView rows) => OfEachHead((product, narrowColumn, wideColumn) =>
        product.Multiply(
            wide.From(0, wideColumn), weight.From(narrowColumn, 0).Transposed, rows.From(0, narrowColumn),
            input.RowCount, input.HiddenSize, input.HeadSize));

    /// <summary>Computes softmax(Q Xᵀ) X of every example.</summary>
    /// <param name="queries">Wide queries, as rows [B · queries · heads, H].</param>
    /// <param name="contexts">The same shape; written.</param>
    internal void Forward(MatrixView queries, MatrixView contexts) => OfEachBlock((workspace, example, first, count) =>
    {
        var (from, x, length) = ((example * _rowCount) + first, StatesOf(example), input.Lengths[example]);
        workspace.Product.Multiply(queries.From(from, 0), x.Transposed, workspace.Weights, count, input.HiddenSize, length);
        for (var i = 0; i < count; i++)
            _row.Softmax(workspace.Weights.At(i, 0), null, Mask(workspace, example, first + i), length, 1);
        workspace.Product.Multiply(workspace.Weights, x, contexts.From(from, 0), count, length, input.HiddenSize);
    });

    /// <summary>Computes the gradients of <see cref="Forward"/>'s inputs.</summary>
    /// <param name="queries">Wide queries, as rows [B · queries · heads, H].</param>
    /// <param name="contextGradient">The same shape.</param>
    /// <param name="queryGradient">The same shape; written.</param>
    /// <param name="stateGradient">[B · width, H]; written, except padded states.</param>
    internal void Backward(MatrixView queries, MatrixView contextGradient, MatrixView queryGradient, MatrixView stateGradient) =>
        OfEachBlock((workspace, example, first, count) =>
        {
            var (from, x, length) = ((example * _rowCount) + first, StatesOf(example), input.Lengths[example]);
            var (product, weights, logits) = (workspace.Product, workspace.Weights, workspace.Gradients);
            var (q, upper, gradient) = (queries.From(from, 0), contextGradient.From(from, 0), stateGradient.From(example * input.Width, 0));
            product.Multiply(q, x.Transposed, weights, count, input.HiddenSize, length);
            product.Multiply(upper, x.Transposed, logits, count, input.HiddenSize, length);
            for (var i = 0; i < count; i++)
            {
                _row.Softmax(weights.At(i, 0), null, null, length, 1);
                _row.Gradient(weights.At(i, 0), logits.At(i, 0), Mask(workspace, example, first + i), length, 1);
            }

            product.Multiply(logits.Transposed, q, gradient, length, count, input.HiddenSize, accumulate: first > 0);
            product.Multiply(weights.Transposed, upper, gradient, length, count, input.HiddenSize, accumulate: true);
            product.Multiply(logits, x, queryGradient.From(from, 0), count, length, input.HiddenSize);
        });

    private MatrixView StatesOf(int example) => states.From(example * input.Width, 0);

    private float* Mask(AttentionWorkspace workspace, int example, int row) => workspace.FillMask(
        input.Mask, RowMask.WeightRow(example, row % input.HeadCount, input.HeadCount, row / input.HeadCount), input.Lengths[example]);

    [SkipLocalsInit]
    private void OfEachHead(Action<ViewGemm, int, int> action) => ComputeTeam.Run(threadCount, input.HeadCount, heads =>
    {
        var buffer = stackalloc float[PackedPanel.BufferSize(kernel.NR)];
        var product = new ViewGemm(kernel, new PackedPanel(buffer, kernel.NR));
        while (heads.TryTake(out var head))
            action(product, head * input.HeadSize, head * input.HiddenSize);
    });

    private void OfEachBlock(Action<AttentionWorkspace, int, int, int> action) => ComputeTeam.Run(threadCount, _longestFirst.Length, examples =>
    {
        using var workspace = new AttentionWorkspace(kernel, input.Lengths[_longestFirst[0]]);
        while (examples.TryTake(out var i))
        {
            for (var first = 0; first < _rowCount; first += AttentionWorkspace.MaxQueries)
                action(workspace, _longestFirst[i], first, Math.Min(AttentionWorkspace.MaxQueries, _rowCount - first));
        }
    });
}

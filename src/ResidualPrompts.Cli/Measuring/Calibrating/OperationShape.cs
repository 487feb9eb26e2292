using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Dropout;
using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Measuring.Calibrating;

/// <summary>
/// The operands of each operation in a training step of one shape: 8 examples with 3 target tokens. They belong to the caller's dispose scope.
/// </summary>
/// <param name="model">A published shape.</param>
/// <param name="positions">Positions of each example.</param>
internal sealed class OperationShape(string model, int positions)
{
    private const int ExampleCount = 8;
    private const int TargetCount = 3;
    private const int BucketCount = 32;
    private const double Epsilon = 1e-6;
    private const double DropoutRate = 0.1;
    private readonly T5Config _config = ModelShapes.Find(model);
    private readonly Dictionary<string, Tensor> _operands = [];

    internal string Name => $"{model}, {positions} positions";

    private int RowCount => ExampleCount * positions;

    private int InnerSize => _config.HeadCount * _config.HeadSize;

    /// <summary>One forward and backward pass of an operation.</summary>
    /// <param name="ops">Who computes.</param>
    /// <param name="operation">The operation.</param>
    internal Action Pass(TensorOps ops, Operations operation)
    {
        var (hidden, inner) = (_config.HiddenSize, _config.FeedForwardSize);
        switch (operation)
        {
            case Operations.Linear:
                var output = Weight(_config.VocabularySize, hidden);
                return Backward(x => ops.Linear(x, output), Rows(ExampleCount * TargetCount, hidden));
            case Operations.NormedLinear:
                var wide = Weight(inner, hidden);
                return Backward(x => ops.NormedLinear(x, null, Epsilon, wide)[0], Rows(RowCount, hidden));
            case Operations.AddLinear:
                var (skip, narrow) = (Weight(RowCount, hidden), Weight(hidden, inner));
                return Backward(x => ops.AddLinear(skip, x, narrow), Rows(RowCount, inner));
            case Operations.Norm:
                return Backward(x => ops.Norm(x, null, Epsilon), Rows(RowCount, hidden));
            case Operations.CrossAttention:
                int[] lengths = [.. Enumerable.Repeat(positions, ExampleCount)];
                var (queries, (k, v)) = (Rows(ExampleCount * TargetCount, InnerSize), (Weight(InnerSize, hidden), Weight(InnerSize, hidden)));
                return Backward(
                    x => ops.CrossAttention(
                        queries, new CrossAttentionStates(x.view(ExampleCount, positions, hidden), lengths, null, null, null), k, v,
                        _config.HeadCount, null),
                    Rows(RowCount, hidden));
            default:
                var mask = operation == Operations.SelfAttentionWithDropout
                    ? new RowMask(new MaskGenerator(DropoutRate, seed: 1), place: 1, (float)(1 / (1 - DropoutRate)))
                    : null;
                AttentionSpan[] spans =
                    [.. Enumerable.Range(0, ExampleCount).Select(i => new AttentionSpan(i, i * positions, positions, positions))];
                var buckets = arange((2 * positions) - 1) % BucketCount;
                var bias = ops.PrepareBias(Weight(BucketCount, _config.HeadCount), buckets, spans, _config.HeadSize, mask is not null);
                return Backward(x => TensorOps.SelfAttention(x, bias, mask), Rows(RowCount, 3 * InnerSize));
        }
    }

    private static Action Backward(Func<Tensor, Tensor> forward, Tensor x) => () =>
    {
        using var scope = NewDisposeScope();
        var y = forward(x);
        BackwardFailure.Backward(y, ones_like(y));
        x.grad!.zero_();
    };

    private Tensor Rows(int count, int size) => Made($"rows {count} {size}", () => randn(count, size).requires_grad_(true));

    private Tensor Weight(int count, int size) => Made($"weight {count} {size}", () => randn(count, size) / Math.Sqrt(size));

    private Tensor Made(string key, Func<Tensor> make)
    {
        if (!_operands.TryGetValue(key, out var tensor))
            _operands[key] = tensor = make();
        return tensor;
    }
}

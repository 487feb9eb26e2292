using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// Floating-point operations of a training step: all products with weight matrices and both products of every attention, a multiplication and
/// an addition counting as two. This is the numerator of "fraction of raw". Savings by algebraic shortcuts are not subtracted; padding counts
/// only if the given rows include it.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="trainsWeights">Whether weights have gradients; the backward pass of a frozen model computes only gradients of the rows.</param>
internal sealed class StepFlops(T5Config config, bool trainsWeights = false)
{
    private const double ProductAndSum = 2;

    /// <summary>Operations of a forward and backward pass.</summary>
    /// <param name="encoderRows">Encoder rows of each example: positions of prompt and text, or the padded width.</param>
    /// <param name="targetRows">Decoder rows of each example.</param>
    internal double Of(IReadOnlyList<int> encoderRows, IReadOnlyList<int> targetRows)
    {
        var (linear, attention) = (Linear(encoderRows, targetRows), Attention(encoderRows, targetRows));
        // Backward, each weight product costs one product for the rows' gradient and another for the weight's. In attention both factors have one.
        return linear + attention + (linear * (trainsWeights ? 2 : 1)) + (2 * attention);
    }

    /// <summary>Operations of the encoder's attention in a forward and backward pass.</summary>
    /// <param name="encoderRows">Encoder rows of each example.</param>
    internal double EncoderAttention(IReadOnlyList<int> encoderRows) => 3 * Attention(encoderRows, [.. encoderRows.Select(_ => 0)]);

    private double Linear(IReadOnlyList<int> encoderRows, IReadOnlyList<int> targetRows)
    {
        double hidden = config.HiddenSize, inner = (double)config.HeadCount * config.HeadSize;
        var projection = hidden * inner; // the same for q, k, v and o
        var feedForward = (config.FeedForward == FeedForwardKind.GatedGelu ? 3 : 2) * hidden * config.FeedForwardSize;
        double rows = encoderRows.Sum(count => (double)count), targets = targetRows.Sum(count => (double)count);
        var encoder = rows * ((4 * projection) + feedForward) * config.EncoderLayerCount;
        var crossKeysAndValues = rows * 2 * projection * config.DecoderLayerCount;
        var decoder = targets * ((6 * projection) + feedForward) * config.DecoderLayerCount;
        return ProductAndSum * (encoder + crossKeysAndValues + decoder + (targets * hidden * config.VocabularySize));
    }

    private double Attention(IReadOnlyList<int> encoderRows, IReadOnlyList<int> targetRows)
    {
        const int products = 2; // queries with keys, weights with values
        double inner = (double)config.HeadCount * config.HeadSize;
        double Pairs(IReadOnlyList<int> queries, IReadOnlyList<int> keys) => queries.Zip(keys, (query, key) => (double)query * key).Sum();
        var encoder = Pairs(encoderRows, encoderRows) * config.EncoderLayerCount;
        var decoder = (Pairs(targetRows, encoderRows) + Pairs(targetRows, targetRows)) * config.DecoderLayerCount;
        return ProductAndSum * products * inner * (encoder + decoder);
    }
}

using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// Floating point operations of a training step, a multiplication and an addition counted as two: every product with a weight matrix and
/// both products of every attention. The numerator of "fraction of raw"; what a program saves by computing something
/// otherwise is not taken off, what it wastes on padding is counted only where the rows given here include it.
/// </summary>
/// <param name="config">The model's shape.</param>
/// <param name="trainsWeights">Whether the weights take gradients, too; a frozen model's backward pass makes those of the rows alone.</param>
internal sealed class StepFlops(T5Config config, bool trainsWeights = false)
{
    private const double ProductAndSum = 2;

    /// <summary>Operations of forward and backward.</summary>
    /// <param name="encoderRows">Rows of each example that the encoder computes: positions of the text and of the prompt, or the padded width.</param>
    /// <param name="targetRows">Rows of each example that the decoder computes.</param>
    internal double Of(IReadOnlyList<int> encoderRows, IReadOnlyList<int> targetRows)
    {
        var (linear, attention) = (Linear(encoderRows, targetRows), Attention(encoderRows, targetRows));
        // Backward a weight's product is made once for the rows' gradient and once more for the weight's own; both factors of attention have gradients.
        return linear + attention + (linear * (trainsWeights ? 2 : 1)) + (2 * attention);
    }

    private double Linear(IReadOnlyList<int> encoderRows, IReadOnlyList<int> targetRows)
    {
        double hidden = config.HiddenSize, inner = (double)config.HeadCount * config.HeadSize;
        var projection = hidden * inner; // q, k, v and o alike
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

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Runs.Baselines;

/// <summary>What a run's score on the test split is compared with: <c>baselines</c> of the result in run.json.</summary>
/// <param name="Constant">The most frequent answer of the training rows, given for every row.</param>
/// <param name="Untuned">The model without the prompt, or without the trained weights.</param>
internal sealed record TestBaselines(Baseline Constant, Baseline Untuned)
{
    /// <summary>Scores both on the test rows of a run, as the run encoded them. No failure here costs the run its result.</summary>
    /// <param name="spec">The settings of the run.</param>
    /// <param name="backbone">The run's model; its weights may be trained by now.</param>
    /// <param name="data">The run's data, with a test split.</param>
    /// <param name="cache">Scores of untuned models that are kept.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    internal static TestBaselines Of(RunSpec spec, Backbone backbone, RunData data, BaselineCache cache, CancellationToken cancellationToken)
    {
        var test = data.Encode(DataSplit.Test)!;
        return new TestBaselines(
            Tried(() => ConstantAnswer.Score(data, test)),
            Tried(() => new Baseline(ScoreUntuned(spec, backbone, data, test, cache, cancellationToken))));
    }

    /// <summary>Whether the score of the untuned model is kept; not known, and so false, where the weights train.</summary>
    internal static bool IsUntunedKept(RunSpec spec, RunData data, BaselineCache cache) => !spec.TrainsWeights
        && data.Encode(DataSplit.Test) is { } test && cache.Has(UntunedKey.Of(data.Backbone, data.Answers, data.Task, test));

    private static SplitResult ScoreUntuned(
        RunSpec spec, Backbone backbone, RunData data, EncodedSplit test, BaselineCache cache, CancellationToken cancellationToken)
    {
        using var loaded = spec.TrainsWeights ? ModelCatalog.Load(spec.Model, spec.Revision) : null;
        var untuned = loaded ?? backbone;
        return cache.Get(UntunedKey.Of(untuned, data.Answers, data.Task, test), () =>
        {
            var evaluator = data.MakeEvaluator();
            return SplitResult.Of(evaluator, evaluator.Predict(new PromptScorer(untuned.Model), test, cancellationToken));
        });
    }

    private static Baseline Tried(Func<Baseline> score)
    {
        try
        {
            return score();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Baseline.None($"It could not be computed: {e.Message}");
        }
    }
}

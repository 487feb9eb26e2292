using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Predictions;

/// <summary>The backbone as it is, without a prompt: what tuning has to beat.</summary>
public static class UntunedModel
{
    /// <summary>Scores a split of a spec's data.</summary>
    /// <param name="spec">Task, data and model.</param>
    /// <param name="split">The split.</param>
    /// <exception cref="InputException">Task, data or model do not fit, or there is no such split.</exception>
    public static SplitResult Evaluate(RunSpec spec, DataSplit split)
    {
        ArgumentNullException.ThrowIfNull(spec);
        LibTorch.EnsureLoaded();
        using var backbone = ModelCatalog.Load(spec.Model, spec.Revision);
        var data = RunData.Load(spec, backbone);
        var rows = data.Encode(split) ?? throw RunException.NoSplit(spec.Data ?? spec.Task!, split);
        var evaluator = data.MakeEvaluator();
        return SplitResult.Of(evaluator.Report(evaluator.Predict(new Scorer(new PromptedT5(backbone.Model)), rows)));
    }
}

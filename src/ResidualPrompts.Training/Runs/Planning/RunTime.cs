using ResidualPrompts.Native;

namespace ResidualPrompts.Runs.Planning;

/// <summary>The batches in which a split is scored.</summary>
/// <param name="BatchCount">Their number.</param>
/// <param name="MeanTokens">Tokens of one of them, virtual ones included.</param>
/// <param name="TextTokens">Tokens of all of them without virtual ones.</param>
internal sealed record ScoringWork(int BatchCount, double MeanTokens, long TextTokens);

/// <summary>Puts together the time of a run from its measured parts.</summary>
internal static class RunTime
{
    /// <summary>What the disk is supposed to take: it is not measured, and matters only where weights are trained.</summary>
    private const double BytesPerSecond = 400e6;
    private const double SecondsPerSave = 0.02;
    private const double SecondsOfRelease = 0.3;
    private const double SecondsBetweenCheckpoints = 300;

    /// <param name="plan">The facts.</param>
    /// <param name="steps">Measured steps.</param>
    /// <param name="stepTokens">Tokens of a step, in the mean.</param>
    /// <param name="scored">Measured batches of evaluations.</param>
    /// <param name="validation">The batches of the validation rows; null without them.</param>
    /// <param name="test">The batches of the test rows; null where they are not scored.</param>
    /// <param name="peakBytes">The largest resident memory.</param>
    /// <param name="scoresUntuned">Whether the model is also scored untuned on the test rows.</param>
    internal static PlanEstimate Predict(
        TrainingPlan plan, CostCurve steps, double stepTokens, CostCurve scored, ScoringWork? validation, ScoringWork? test, long? peakBytes,
        bool scoresUntuned)
    {
        var ofSteps = steps.Seconds(plan.Steps.Total, stepTokens);
        // The released state is scored once more at the end.
        var batches = validation is null ? 0.0 : (plan.Steps.Evaluations + 1.0) * validation.BatchCount;
        var ofValidation = validation is null ? 0 : scored.Seconds(batches, validation.MeanTokens);
        var ofTest = test is null ? 0 : scored.SecondsPerToken * test.BatchCount * test.MeanTokens;
        var checkpoint = plan.Disk?.Files.Where(file => file.Name.StartsWith("checkpoint", StringComparison.Ordinal)).Sum(file => file.Bytes) ?? 0;
        var saves = plan.Disk is null ? 0 : plan.Steps.Epochs + Math.Floor((ofSteps + ofValidation) / SecondsBetweenCheckpoints);
        var released = (plan.Disk?.Bytes ?? 0) - checkpoint;
        // What is released is written and read again for its digests.
        var saving = (saves * (SecondsPerSave + (checkpoint / BytesPerSecond))) + SecondsOfRelease + (2 * released / BytesPerSecond);
        return new PlanEstimate(
            ofSteps + ofValidation + ofTest + saving, steps.SecondsPerToken * stepTokens,
            validation is null ? 0 : scored.SecondsPerToken * validation.BatchCount * validation.MeanTokens, ofTest,
            test is not null && scoresUntuned ? scored.SecondsPerToken * test.TextTokens : 0, saving, peakBytes, steps.Count,
            ComputeThreads.Current);
    }
}

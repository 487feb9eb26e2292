using System.Diagnostics;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// Measures batches of evaluations. Scoring changes nothing and draws no random numbers, so that a run may do it between its steps.
/// </summary>
/// <param name="data">The rows.</param>
/// <param name="model">The model with its prompt.</param>
internal sealed class ScoringMeasurement(RunData data, PromptedT5 model)
{
    private readonly PromptScorer _scorer = new(model.Model, model.Prompt);

    /// <summary>The measured batches.</summary>
    internal CostCurve Curve { get; } = new();

    /// <summary>The batches in which a split is scored; null without it.</summary>
    internal ScoringWork? WorkOf(DataSplit split)
    {
        if (data.Splits.Origins.ContainsKey(split) && data.Encode(split) is { } encoded)
        {
            var count = RunWork.ScoringBatches(encoded.Examples, model.VirtualTokenCount).Count;
            return new ScoringWork(
                count, TokensOf(encoded.Examples) / (double)count, encoded.Examples.Sum(example => (long)example.InputIds.Length));
        }

        return null;
    }

    /// <summary>Scores the longest batch, then batches that are spread over the lengths, until the time is over.</summary>
    internal void MeasureAll(DataSplit split, TimeSpan time, CancellationToken cancellationToken)
    {
        var examples = data.Encode(split)!.Examples;
        var batches = RunWork.ScoringBatches(examples, model.VirtualTokenCount);
        Measure(examples, RunWork.Spread(batches).Prepend(batches[0]), time, cancellationToken);
    }

    /// <summary>Scores a few rows of some batches; it takes about as long as a few steps.</summary>
    internal void MeasureSome(DataSplit split, int rows, TimeSpan time, CancellationToken cancellationToken)
    {
        var examples = data.Encode(split)!.Examples;
        var batches = RunWork.ScoringBatches(examples, model.VirtualTokenCount);
        Measure(examples, RunWork.Spread(batches).Select(batch => batch[..Math.Min(rows, batch.Length)]), time, cancellationToken);
    }

    private void Measure(IReadOnlyList<EncodedExample> all, IEnumerable<int[]> batches, TimeSpan time, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var batch in batches)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var examples = batch.Select(i => all[i]).ToArray();
            var before = Stopwatch.GetTimestamp();
            _ = _scorer.Score(examples, Request(examples), cancellationToken).Count();
            Curve.Add(TokensOf(examples), Stopwatch.GetElapsedTime(before).TotalSeconds);
            if (Stopwatch.GetElapsedTime(start) > time)
                return;
        }
    }

    /// <summary>What is asked of rows; a trained prompt writes as many tokens as the targets have, an untrained one as many as it may.</summary>
    private ScoringRequest Request(EncodedExample[] examples)
    {
        if (data.Answers.Kind == EvaluationMode.Labels)
            return new ScoringRequest(data.Answers.LabelIds, null);
        var target = examples.Max(example => example.TargetIds?.Length) ?? data.Train.Examples.Max(example => example.TargetIds!.Length);
        return new ScoringRequest(null, new GenerationOptions(Math.Min(target, data.Answers.MaxNewTokens), IgnoreEos: true));
    }

    private long TokensOf(IEnumerable<EncodedExample> examples) => examples.Sum(example => (long)example.InputIds.Length + model.VirtualTokenCount);
}

using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Learning;

/// <summary>What a method has learned by each evaluation, over its seeds.</summary>
/// <param name="Points">The evaluations that every seed has, in the order of their steps.</param>
internal sealed record LearningCurve(IReadOnlyList<LearningPoint> Points)
{
    /// <summary>The last evaluation; null without one.</summary>
    internal LearningPoint? Last => Points.Count > 0 ? Points[^1] : null;

    /// <summary>The median at the last evaluation; null without one.</summary>
    internal double? Final => Last?.Metric.Median;

    /// <summary>Puts the evaluations of the seeds together. One that a seed lacks, or has no value for, does not count.</summary>
    /// <param name="seeds">The evaluations of each seed: steps, seconds of training until then, and the metric.</param>
    internal static LearningCurve Of(IReadOnlyList<IReadOnlyList<(long Step, double Seconds, double? Metric)>> seeds) => new(
    [
        .. seeds.SelectMany(seed => seed).Where(point => point.Metric is not null).GroupBy(point => point.Step)
            .Where(step => step.Count() == seeds.Count).OrderBy(step => step.Key)
            .Select(step => new LearningPoint(
                step.Key, Spread.Of(step.Select(point => point.Metric!.Value)), Spread.Of(step.Select(point => point.Seconds)))),
    ]);

    /// <summary>The curve with the highest final median, the first of equal ones; null where none has an evaluation.</summary>
    internal static LearningCurve? Best(IEnumerable<LearningCurve> curves) =>
        curves.Where(curve => curve.Final is not null).MaxBy(curve => curve.Final);
}

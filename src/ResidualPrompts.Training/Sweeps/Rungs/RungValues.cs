using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Sweeps.Rungs;

/// <summary>The validation values of a run at the rungs that it has reached, from its events.</summary>
internal static class RungValues
{
    /// <summary>The best value up to each rung, in order, as long as the run was evaluated at the rung.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="halving">The rungs.</param>
    /// <param name="spec">The run's settings.</param>
    /// <param name="trainCount">Its training rows.</param>
    internal static IReadOnlyList<double?> Read(string run, Halving halving, RunSpec spec, int trainCount)
    {
        var reader = new EventReader(run);
        reader.Update();
        return Of([.. reader.Events.OfType<EvaluationCompleted>().Where(evaluation => evaluation.IsValidation)], halving, spec, trainCount);
    }

    /// <summary>The same of evaluations.</summary>
    internal static IReadOnlyList<double?> Of(
        IReadOnlyList<EvaluationCompleted> evaluations, Halving halving, RunSpec spec, int trainCount)
    {
        var values = new List<double?>();
        foreach (var step in halving.Rungs.Select(rung => rung.StepsOf(spec, trainCount)))
        {
            if (evaluations.All(evaluation => evaluation.Step != step))
                break;
            values.Add(evaluations.Where(evaluation => evaluation.Step <= step).Max(evaluation => Value(evaluation, halving.Metric)));
        }

        return values;
    }

    private static double? Value(EvaluationCompleted evaluation, string? metric) =>
        (metric ?? evaluation.Metrics.Keys.FirstOrDefault()) is { } name ? evaluation.Metrics.GetValueOrDefault(name) : null;
}

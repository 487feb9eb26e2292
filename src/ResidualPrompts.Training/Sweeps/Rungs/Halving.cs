using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Sweeps.Rungs;

/// <summary>Successive halving: all settings are trained to the first rung, the best share of them to the next, and so on.</summary>
/// <param name="Metric">The metric of the validation split; null = the task's first one.</param>
/// <param name="Rungs">The budgets, from the least.</param>
/// <param name="Keep">The share of the settings that continue.</param>
internal sealed record Halving(string? Metric, IReadOnlyList<Rung> Rungs, double Keep)
{
    /// <summary>The last rung, which is the budget of a run that is never stopped.</summary>
    internal Rung Last => Rungs[^1];

    /// <summary>How many of so many settings continue.</summary>
    internal int KeptOf(int settings) => Math.Clamp((int)Math.Ceiling(Keep * settings), Math.Min(1, settings), settings);

    /// <summary>What of a run's settings does not fit halving, by setting.</summary>
    /// <param name="spec">The settings as the file gives them.</param>
    /// <param name="isGiven">Whether the file gives a setting.</param>
    internal IEnumerable<RunProblem> Problems(RunSpec spec, Func<string, bool> isGiven)
    {
        if (spec.Schedule != ScheduleKind.Constant)
            yield return new RunProblem("schedule", "is not constant: with halving a run's steps may not depend on its length");
        if (spec.Patience is not null)
            yield return new RunProblem("patience", "has no place with halving, which decides when a run ends");
        if (isGiven("epochs") && (Last.InSteps || spec.Epochs != Last.Length))
            yield return new RunProblem("epochs", $"is {spec.Epochs}, expected no value with halving, or the last rung {Last}");
        if (isGiven("max_steps") && (!Last.InSteps || spec.MaxSteps != Last.Length))
            yield return new RunProblem("max_steps", $"is {spec.MaxSteps}, expected no value with halving, or the last rung {Last}");
    }

    /// <summary>That the evaluations of a run would change from rung to rung; null where they do not.</summary>
    /// <param name="spec">Its settings.</param>
    /// <param name="trainCount">Its training rows.</param>
    internal RunProblem? CadenceProblem(RunSpec spec, int trainCount)
    {
        var every = Rungs.Select(rung => RunLength.Of(rung.Of(spec), trainCount)).ToArray();
        var changed = Array.FindIndex(every, length => length.EvaluateEvery != every[0].EvaluateEvery);
        return changed < 0 ? null : new RunProblem(
            "evaluate_every",
            $"is not given, and its default changes between rung {Rungs[0]} (every {every[0].EvaluateEvery} steps) and rung {Rungs[changed]} "
                + $"(every {every[changed].EvaluateEvery} steps); give it a value");
    }

    /// <summary>That a rung is not longer than the one before it, in epochs and steps; null where each is.</summary>
    internal RunProblem? OrderProblem(RunSpec spec, int trainCount)
    {
        var steps = Rungs.Select(rung => rung.StepsOf(spec, trainCount)).ToArray();
        var wrong = Enumerable.Range(1, steps.Length - 1).FirstOrDefault(i => steps[i] <= steps[i - 1]);
        return wrong == 0 ? null
            : new RunProblem("halving", $"has rung {Rungs[wrong]} ({steps[wrong]} steps) after rung {Rungs[wrong - 1]} ({steps[wrong - 1]} steps)");
    }

    /// <summary>
    /// That a run which is trained further would not be evaluated at a rung, so that its value there would be gone; null where it is evaluated at
    /// each.
    /// </summary>
    internal RunProblem? EvaluationProblem(RunSpec spec, int trainCount)
    {
        var every = RunLength.Of(spec, trainCount).EvaluateEvery;
        var between = Rungs.Take(Rungs.Count - 1).FirstOrDefault(rung => rung.StepsOf(spec, trainCount) % every != 0);
        return between == default ? null : new RunProblem(
            spec.EvaluateEverySteps is null ? "evaluate_every" : "evaluate_every_steps",
            $"evaluates every {every} steps, which does not fall on rung {between} ({between.StepsOf(spec, trainCount)} steps)");
    }
}

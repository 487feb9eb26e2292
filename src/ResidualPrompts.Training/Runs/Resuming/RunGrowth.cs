using System.Globalization;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Resuming;

/// <summary>
/// A run that is continued to another length, or whose test split is to be scored after all. With a constant schedule its steps do not depend on
/// the length, and its last checkpoint is from before the closing evaluation, so the result is that of a run of the new length from the start. What
/// would make a difference is refused.
/// </summary>
internal static class RunGrowth
{
    /// <summary>Whether the test split is scored at the end; it may be asked for later, and is not taken back.</summary>
    private const string Test = "test";

    /// <summary>The settings that may change.</summary>
    private static readonly string[] Settings = ["epochs", "max_steps", "evaluate_every", "evaluate_every_steps", Test];

    /// <summary>Whether these settings may change when a run is resumed.</summary>
    /// <param name="changed">The keys.</param>
    internal static bool Allows(IEnumerable<string> changed) => changed.All(Settings.Contains);

    /// <summary>The settings in which a run is to be continued otherwise; those that had nothing to act on do not count.</summary>
    /// <param name="earlier">The record of the run.</param>
    /// <param name="spec">The settings asked for.</param>
    internal static IReadOnlyList<string> Changes(RunRecord earlier, RunSpec spec) =>
        [.. RunSpecJson.Differences(earlier.Spec, spec).Except(earlier.Inert)];

    /// <summary>The settings that a run of a study still lacks; a length that patience did not let it reach is not one of them.</summary>
    /// <param name="earlier">The record of the run.</param>
    /// <param name="spec">The settings of the study.</param>
    internal static IReadOnlyList<string> Pending(RunRecord earlier, RunSpec spec) =>
        Changes(earlier, spec) is var changed && Allows(changed) && Stays(earlier, spec, changed) is not null ? [] : changed;

    /// <summary>Checks that a run can be continued with these settings.</summary>
    /// <param name="directory">The run directory.</param>
    /// <param name="earlier">The record of the run.</param>
    /// <param name="spec">The settings asked for.</param>
    /// <returns>Whether the run continues from its checkpoint, and the note on a run that patience ended, which stays as it is.</returns>
    /// <exception cref="RunException">It was begun with other settings, or would not end as one of the new length from the start.</exception>
    internal static (bool Grows, string? Note) Require(RunDirectory directory, RunRecord earlier, RunSpec spec)
    {
        var changed = Changes(earlier, spec);
        if (!Allows(changed) || (changed.Contains(Test) && !spec.Test))
            throw RunException.Changed(directory.Path, changed);
        if (changed.Count == 0)
            return (false, null);
        if (Stays(earlier, spec, changed) is { } note)
            return (false, note);
        Check(directory, earlier, spec);
        return (true, null);
    }

    private static string? Stays(RunRecord earlier, RunSpec spec, IReadOnlyList<string> changed) =>
        changed.Count > 0 && !changed.Contains(Test) && earlier.Status == RunStatus.Finished ? EndedByPatience(earlier, spec) : null;

    /// <summary>A note on a finished run that patience ended, so that a greater length changes nothing; null for any other run.</summary>
    /// <param name="earlier">The record of the run.</param>
    /// <param name="spec">The settings asked for.</param>
    private static string? EndedByPatience(RunRecord earlier, RunSpec spec) =>
        earlier.Result is { } result && result.Steps < RunLength.Of(earlier.Spec, earlier.Inputs.TrainCount).LastStep
            && result.Steps < RunLength.Of(spec, earlier.Inputs.TrainCount).LastStep
            ? $"Patience ended the run after step {result.Steps}, and would at any greater length: it stays as it is."
            : null;

    /// <summary>Checks that the run would end as one of the new length from the start.</summary>
    /// <param name="directory">The run directory.</param>
    /// <param name="earlier">The record of the run.</param>
    /// <param name="spec">The settings asked for, which differ in those of the length alone.</param>
    /// <exception cref="RunException">It would not; the message has the reason.</exception>
    private static void Check(RunDirectory directory, RunRecord earlier, RunSpec spec)
    {
        var trainCount = earlier.Inputs.TrainCount;
        var (from, to) = (RunLength.Of(earlier.Spec, trainCount), RunLength.Of(spec, trainCount));
        if (!File.Exists(directory.Checkpoint))
        {
            if (earlier.Status != RunStatus.Finished)
                return; // nothing is done yet
            var aim = from == to ? "get a test score" : "become longer";
            throw spec.TrainsWeights ? RunException.CheckpointNotKept(directory.Path, aim) : RunException.CheckpointIsGone(directory.Path, aim);
        }

        if (earlier.IsReplacing)
            return; // the checkpoint is another run's
        var at = ResumeCheckpoint.PositionIn(directory.Checkpoint);
        if (from.LastStep != to.LastStep && spec.Schedule != ScheduleKind.Constant)
            throw RunException.ScheduleFixesLength(directory.Path, RunSpecJson.Write(spec)["schedule"]!.GetValue<string>());
        if (at.IsEarlierVersion && at.Step == from.LastStep)
            throw RunException.CheckpointOfEarlierVersion(directory.Path);
        if (to.LastStep < at.Step || (to.LastStep == at.Step && at.IsSettled))
            throw RunException.StepsAreDone(directory.Path, at.Step, to.LastStep);
        var evaluated = at.IsSettled ? at.Step : at.Step - 1;
        if (earlier.Inputs.ValidationCount > 0 && from.EvaluateEvery != to.EvaluateEvery
            && evaluated >= Math.Min(from.EvaluateEvery, to.EvaluateEvery))
            throw RunException.EvaluationsChange(directory.Path, Every(from), Every(to), Cadence(from));
    }

    /// <summary>The setting that keeps the evaluations as they are.</summary>
    private static Remedy.SetSetting Cadence(RunLength length) => length.EvaluateEvery % length.StepsPerEpoch == 0
        ? new Remedy.SetSetting("evaluate_every", Text(length.EvaluateEvery / length.StepsPerEpoch))
        : new Remedy.SetSetting("evaluate_every_steps", Text(length.EvaluateEvery));

    private static string Every(RunLength length) => (length.EvaluateEvery % length.StepsPerEpoch, length.EvaluateEvery / length.StepsPerEpoch) switch
    {
        (0, 1) => "every epoch",
        (0, var epochs) => $"every {Text(epochs)} epochs",
        _ => $"every {Text(length.EvaluateEvery)} steps",
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

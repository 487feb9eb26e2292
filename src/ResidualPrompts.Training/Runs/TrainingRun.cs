using ResidualPrompts.Data;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>
/// Trains by a <see cref="RunSpec"/> into a run directory. A run can be killed at any moment and resumed with identical results: a checkpoint
/// after each epoch and at least every five minutes holds everything that determines the rest, and the logs are truncated to its position.
/// Rows in memory can also train without a directory.
/// <example>
/// <code>
/// var run = TrainingRun.Train(new RunSpec { Task = "subj", Model = "t5-nano", SaveName = "first" });
/// Console.WriteLine(run.Validation["accuracy"]);
/// </code>
/// </example>
/// </summary>
public static class TrainingRun
{
    /// <summary>Trains a run to its end.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the data or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; the last checkpoint is kept.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled; <see cref="RunMode.Resume"/> continues the run.</exception>
    public static CompletedRun Train(
        RunSpec spec, RunMode mode = RunMode.New, RunObserver? observer = null, CancellationToken cancellationToken = default) =>
        Train(spec, mode, sibling: null, observer, cancellationToken);

    /// <summary>The same for a run of a study.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="sibling">The record of another run of the study that is continued, which knows where files are; null = none.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step, with a checkpoint.</param>
    internal static CompletedRun Train(
        RunSpec spec, RunMode mode, RunRecord? sibling, RunObserver? observer = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (spec, var directory, var earlier) = RunOpening.Check(spec, mode, sibling);
        if (earlier?.Completed(directory, spec) is { } finished)
            return finished;
        var placed = RunPlaces.Here(earlier ?? sibling, spec);
        var rows = RunOpening.Rows(placed, isNew: earlier is null);
        observer?.TellLoading();
        using var backbone = RunOpening.LoadBackbone(placed, earlier);
        return new TrainingSession(spec, directory, backbone, RunData.Of(placed, rows, backbone), observer, cancellationToken).Train(earlier, mode);
    }

    /// <summary>
    /// Trains on rows in memory with the caller's own task. Nothing is written unless the settings name the run; the run directory then has a
    /// digest of the rows, not the rows themselves.
    /// </summary>
    /// <param name="spec">The settings; those of task and data must keep their defaults.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">All rows; <see cref="RunSpec.ValidationFraction"/> of them is held out for validation.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step; in a directory, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the task, the rows or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled.</exception>
    /// <example>
    /// <code>
    /// using var run = TrainingRun.Train(new RunSpec { Model = "t5-nano" }, task, rows);
    /// using var trained = TrainedRun.Open(run);
    /// </code>
    /// </example>
    public static CompletedRun Train(
        RunSpec spec, TaskDefinition task, IReadOnlyList<Example> rows, RunMode mode = RunMode.New,
            RunObserver? observer = null, CancellationToken cancellationToken = default) =>
        Train(spec, task, new Dictionary<DataSplit, IReadOnlyList<Example>> { [DataSplit.Train] = rows }, mode, observer, cancellationToken);

    /// <summary>The same with the rows of each split.</summary>
    /// <param name="spec">The settings; those of task and data must keep their defaults.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The rows of each existing split; without validation rows, some training rows are held out.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="observer">The observer, or null.</param>
    /// <param name="cancellationToken">Stops the run after the current step; in a directory, with a checkpoint.</param>
    /// <exception cref="InputException">The settings, the model, the task, the rows or the directory does not fit; nothing is written.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    /// <exception cref="RunInterruptedException">The token was cancelled.</exception>
    public static CompletedRun Train(
        RunSpec spec, TaskDefinition task, IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, RunMode mode = RunMode.New,
        RunObserver? observer = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(rows);
        if (spec.ValidateForRows() is { Count: > 0 } problems)
            throw RunSpecException.Of(problems);
        var directory = spec.SaveName is null ? null : new RunDirectory(spec.Directory);
        var earlier = directory is null ? null : RunRecord.Earlier(directory, mode);
        spec = earlier is null ? spec : RunSpecJson.Continuing(earlier.Spec, spec);
        if (directory is not null && earlier?.Completed(directory, spec, task) is { } finished)
            return finished;
        var selected = RunRows.Of(spec, task, rows);
        StartChecks.Require(spec, selected, isNew: earlier is null);
        observer?.TellLoading();
        var backbone = RunOpening.LoadBackbone(spec, earlier);
        CompletedRun? run = null;
        try
        {
            var data = RunData.Of(spec, selected, backbone);
            return run = new TrainingSession(spec, directory, backbone, data, observer, cancellationToken).Train(earlier, mode);
        }
        finally
        {
            if (run is not { IsInMemory: true }) // a run in memory keeps its model
                backbone.Dispose();
        }
    }
}

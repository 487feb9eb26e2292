using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>
/// A run that has trained to its end. A written run can be reopened from its directory. A run in memory keeps its model and prompt, with which
/// <c>TrainedRun.Open(run)</c> predicts, until it is disposed.
/// </summary>
public sealed class CompletedRun : IDisposable
{
    private readonly RunDirectory? _directory;

    internal CompletedRun(
        RunDirectory? directory, RunResult result, IReadOnlyList<string> notes, TaskDefinition? task = null, KeptRun? kept = null) =>
        (_directory, Result, Notes, Task, Kept) = (directory, result, notes, task, kept);

    /// <summary>The result, as in run.json.</summary>
    public RunResult Result { get; }

    /// <summary>Metrics of the release on the validation rows.</summary>
    /// <exception cref="RunException">There were no validation rows; <see cref="Result"/> has null then.</exception>
    public SplitResult Validation => Result.Validation ?? throw RunException.NoValidation(_directory is null ? "The run" : $"'{_directory.Path}'");

    /// <summary>Metrics of the release on the test split; null when not requested or without labels.</summary>
    public SplitResult? Test => Result.Test;

    /// <summary>Notes for the user: cut rows, classes with few examples, a missing test split.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether the run is in memory only.</summary>
    public bool IsInMemory => _directory is null;

    /// <summary>The run directory.</summary>
    /// <exception cref="InvalidOperationException">The run is in memory; see <see cref="IsInMemory"/>.</exception>
    public RunDirectory Directory => _directory
        ?? throw new InvalidOperationException("The run is in memory: it was given no save_name, so nothing was written.");

    /// <summary>The task given with rows in memory; null for a task named by the settings.</summary>
    internal TaskDefinition? Task { get; }

    /// <summary>The parts that a run in memory predicts with; null for a written run.</summary>
    internal KeptRun? Kept { get; }

    /// <summary>Disposes the model and prompt of a run in memory; a written run keeps neither.</summary>
    public void Dispose() => Kept?.Dispose();

    /// <summary>The model, the prompt and the record of a run in memory.</summary>
    internal sealed record KeptRun(RunRecord Record, TaskDefinition Task, Backbone Backbone, PlainPrompt? Prompt) : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose()
        {
            IsDisposed = true;
            Prompt?.Dispose();
            Backbone.Dispose();
        }
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>
/// A run that trained to its end. One that was written can be opened again from its directory. One in memory keeps its model and its prompt, which
/// <c>TrainedRun.Open(run)</c> predicts with, until it is disposed.
/// </summary>
public sealed class CompletedRun : IDisposable
{
    private readonly RunDirectory? _directory;

    internal CompletedRun(RunDirectory? directory, RunResult result, IReadOnlyList<string> notes, TaskDefinition? task = null, KeptRun? kept = null) =>
        (_directory, Result, Notes, Task, Kept) = (directory, result, notes, task, kept);

    /// <summary>What came out, as it stands in run.json.</summary>
    public RunResult Result { get; }

    /// <summary>Metrics of what was released on the validation rows.</summary>
    /// <exception cref="RunException">There were no validation rows; <see cref="Result"/> then has null.</exception>
    public SplitResult Validation => Result.Validation ?? throw RunException.NoValidation(_directory is null ? "The run" : $"'{_directory.Path}'");

    /// <summary>Metrics of what was released on the test split; null when not asked for or not labelled.</summary>
    public SplitResult? Test => Result.Test;

    /// <summary>What the user should know: cut rows, classes with few examples, a missing test split.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Whether nothing was written.</summary>
    public bool IsInMemory => _directory is null;

    /// <summary>The run directory.</summary>
    /// <exception cref="InvalidOperationException">Nothing was written; see <see cref="IsInMemory"/>.</exception>
    public RunDirectory Directory => _directory ?? throw new InvalidOperationException("The run is in memory: it was given no save_name, so that nothing was written.");

    /// <summary>The task that came with rows in memory; null for one that the settings name.</summary>
    internal TaskDefinition? Task { get; }

    /// <summary>What a run in memory predicts with; null for one that was written.</summary>
    internal KeptRun? Kept { get; }

    /// <summary>Frees what a run in memory keeps; a run that was written keeps nothing.</summary>
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

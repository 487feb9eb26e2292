using ResidualPrompts.Data;
using ResidualPrompts.Predictions;

namespace ResidualPrompts.Cli.Commands;

/// <summary>What <c>evaluate</c> scores on.</summary>
/// <param name="Split">The split.</param>
/// <param name="Task">A task instead of the run's own, or null.</param>
/// <param name="Data">Data instead of the run's or the task's own, or null.</param>
/// <param name="Files">Files of single splits, which take the place of the data's own.</param>
/// <param name="AllowMismatch">Whether a prompt may be used with another model than its own.</param>
/// <param name="Predictions">A file for the predictions, or null.</param>
internal sealed record EvaluatedRows(
    DataSplit Split, string? Task, string? Data, IReadOnlyDictionary<DataSplit, string> Files, bool AllowMismatch, string? Predictions)
{
    /// <summary>Whether other rows than those of the files of single splits are read.</summary>
    internal bool ReadsData => Data is not null || Files.Count == 0;

    /// <summary>The same for the library.</summary>
    internal EvaluationRows Asked => new(Split, Task, Data, Files);
}

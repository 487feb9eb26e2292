using ResidualPrompts.Data;

namespace ResidualPrompts.Predictions;

/// <summary>What a run is evaluated on.</summary>
/// <param name="Split">The split; irrelevant for a single file.</param>
/// <param name="Task">A task whose label words the run has learned, or null for the run's own.</param>
/// <param name="Data">A folder, a file or a bundled name, or null for the task's own data.</param>
/// <param name="Files">Files of single splits, which take the place of the data's own; without data they are all there is.</param>
internal sealed record EvaluationRows(DataSplit Split, string? Task, string? Data, IReadOnlyDictionary<DataSplit, string> Files)
{
    /// <summary>No files of single splits.</summary>
    internal static IReadOnlyDictionary<DataSplit, string> NoFiles { get; } = new Dictionary<DataSplit, string>();

    /// <summary>Whether task and data are the run's own.</summary>
    internal bool IsOwn => Task is null && Data is null && Files.Count == 0;

    /// <summary>Rows of the run's own data, selected as its settings say.</summary>
    internal static EvaluationRows Own(DataSplit split) => new(split, null, null, NoFiles);
}

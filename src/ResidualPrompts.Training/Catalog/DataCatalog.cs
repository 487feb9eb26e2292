using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Hub;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>
/// Locates the data of a run: a bundled data set, a path, or a cached data set of the hub, in this order. A task names its own source the
/// same way. Nothing is downloaded.
/// </summary>
internal static class DataCatalog
{
    /// <summary>The name of a run's data: the one that the user gives, else the source of the task; null when the task has none.</summary>
    /// <param name="data">A bundled name, a path, or a name on the hub; null = the task's own data.</param>
    /// <param name="task">The name or the file of the task; null when the user's own template and labels define it.</param>
    /// <param name="compat">The definition of the task.</param>
    /// <exception cref="TaskException">No data is named, and the task does not exist.</exception>
    public static string? NameOf(string? data, string? task, Compatibility compat = Compatibility.None) => NameOf(data, task, compat, null);

    /// <summary>The same with the task's JSON as it was when the run was made.</summary>
    internal static string? NameOf(string? data, string? task, Compatibility compat, JsonObject? taskFile) =>
        data ?? (task is null ? null : NameOf(TaskCatalog.Find(task, compat, taskFile)));

    /// <summary>
    /// The name of a task's data when the user names none: the data bundled with it or named in its file, else its data set on the hub; null when
    /// it has neither.
    /// </summary>
    /// <param name="task">The task.</param>
    public static string? NameOf(TaskDefinition task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.DataSet is { } own && (task.HubDataSet is null || OnHub(own) is null) ? own : task.HubDataSet;
    }

    /// <summary>
    /// The hub's data set when a name can be nothing else and may have to be downloaded first; else null, as for a name that is written as a path.
    /// </summary>
    /// <param name="nameOrPath">A bundled name, a path, or <c>NAME[:CONFIGURATION]</c> on the hub.</param>
    public static HubDataSetName? OnHub(string nameOrPath) =>
        BundledDataSets.Names.Contains(nameOrPath) || Path.Exists(nameOrPath) || NearestPath.LooksLocal(nameOrPath) ? null
            : HubDataSetName.TryParse(nameOrPath);

    /// <summary>Whether a name can only be a data set of the hub.</summary>
    internal static bool IsOnHub(string nameOrPath) => OnHub(nameOrPath) is not null;

    /// <summary>The folder or file of a data set.</summary>
    /// <param name="nameOrPath">A bundled name, a path, or <c>NAME[:CONFIGURATION]</c> on the hub.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">The name fits none of them; the message lists what was searched for and where.</exception>
    public static string Locate(string nameOrPath, string? revision = null)
    {
        return Find(nameOrPath, revision, out var missing)
            ?? throw CatalogException.NoData(
                nameOrPath, revision ?? HubRepository.DefaultRevision, BundledDataSets.Names, HubSnapshots.OfEnvironment().Folder, missing);
    }

    /// <summary>The folder or file of a task's own data.</summary>
    /// <param name="task">The task.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">The task has no data, or the data is not on this machine; the message names the download.</exception>
    public static string Locate(TaskDefinition task, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        var name = NameOf(task) ?? throw TaskException.NeedsData(task.Name, task.Source);
        return Find(name, revision, out var missing)
            ?? throw CatalogException.NoTaskData(
                task, name, revision ?? HubRepository.DefaultRevision, HubSnapshots.OfEnvironment().Folder, missing);
    }

    /// <summary>The folder or file of the data that the user names, else of the task's own data.</summary>
    /// <param name="task">The task.</param>
    /// <param name="data">A bundled name, a path, or the name of a cached data set of the hub; null = the task's own.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">The data is not on this machine.</exception>
    public static string Locate(TaskDefinition task, string? data, string? revision)
    {
        ArgumentNullException.ThrowIfNull(task);
        return data is null ? Locate(task, revision) : Locate(data, revision);
    }

    /// <summary>The folder or file of a task's own data; null when it has none, or only the hub has it.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="InputException">The hub's cache or the task's file describes the data in a way that cannot be used.</exception>
    public static string? Find(TaskDefinition task) => NameOf(task) is { } name ? Find(name, null, out _) : null;

    /// <summary>Null when only the hub can have the data and its cache lacks it or a file of it.</summary>
    private static string? Find(string nameOrPath, string? revision, out string? missing)
    {
        missing = null;
        return OnHub(nameOrPath) is { } name
            ? HubSnapshots.OfEnvironment()
                .FindDataSet(HubRepository.DataSet(name.Name), name.Configuration, HubRepository.Revision(revision), out missing)?.Folder
            : BundledDataSets.Locate(nameOrPath);
    }
}

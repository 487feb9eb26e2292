using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Hub;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>
/// Where the data of a run is: a bundled data set, a path, or a data set of the hub that the cache holds, in this order. A task's own source is
/// named the same way. Nothing is downloaded.
/// </summary>
public static class DataCatalog
{
    /// <summary>What the data of a run is called: what the user names, else the source of the task; null when it has none.</summary>
    /// <param name="data">A bundled name, a path, or a name on the hub; null = the task's own data.</param>
    /// <param name="task">The name or the file of the task; null when the user's own text and labels make it.</param>
    /// <param name="compat">Whose definition of the task.</param>
    /// <exception cref="TaskException">No data is named, and there is no such task.</exception>
    public static string? NameOf(string? data, string? task, Compatibility compat = Compatibility.None) => NameOf(data, task, compat, null);

    /// <summary>The same with the task's JSON as it was when the run was made.</summary>
    internal static string? NameOf(string? data, string? task, Compatibility compat, JsonObject? taskFile) =>
        data ?? (task is null ? null : NameOf(TaskCatalog.Find(task, compat, taskFile)));

    /// <summary>What the data of a task is called when a user names none: what is bundled with it or named in its file, else its data set on the hub; null when it has neither.</summary>
    /// <param name="task">The task.</param>
    public static string? NameOf(TaskDefinition task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.DataSet is { } own && (task.HubDataSet is null || OnHub(own) is null) ? own : task.HubDataSet;
    }

    /// <summary>The hub's data set that a name can only be, so that it may have to be downloaded first; else null.</summary>
    /// <param name="nameOrPath">A bundled name, a path, or <c>NAME[:CONFIGURATION]</c> on the hub.</param>
    public static HubDataSetName? OnHub(string nameOrPath) =>
        BundledDataSets.Names.Contains(nameOrPath) || Path.Exists(nameOrPath) ? null : HubDataSetName.TryParse(nameOrPath);

    /// <summary>The folder or file of a data set.</summary>
    /// <param name="nameOrPath">A bundled name, a path, or <c>NAME[:CONFIGURATION]</c> on the hub.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">It is none of them; the message says what was looked for where.</exception>
    public static string Locate(string nameOrPath, string? revision = null)
    {
        return Find(nameOrPath, revision) ?? throw CatalogException.NoData(nameOrPath, revision ?? HubRepository.DefaultRevision, BundledDataSets.Names, HubSnapshots.OfEnvironment().Folder);
    }

    /// <summary>The folder or file of the data that a task uses when a user names none.</summary>
    /// <param name="task">The task.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">The task has none, or it is not on this machine; the message says what to download.</exception>
    public static string Locate(TaskDefinition task, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        var name = NameOf(task) ?? throw TaskException.NeedsData(task.Name, task.Source);
        return Find(name, revision) ?? throw CatalogException.NoTaskData(task, name, revision ?? HubRepository.DefaultRevision, HubSnapshots.OfEnvironment().Folder);
    }

    /// <summary>Where the data of a task is: what the user names, else the task's own.</summary>
    /// <param name="task">The task.</param>
    /// <param name="data">A bundled name, a path, or a name on the hub that its cache holds; null = the task's own.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">It is nowhere.</exception>
    public static string Locate(TaskDefinition task, string? data, string? revision)
    {
        ArgumentNullException.ThrowIfNull(task);
        return data is null ? Locate(task, revision) : Locate(data, revision);
    }

    /// <summary>The folder or file of the data that a task uses when a user names none; null when it has none, or only the hub has it.</summary>
    /// <param name="task">The task.</param>
    /// <exception cref="InputException">What the hub's cache or the task's file says of it cannot be used.</exception>
    public static string? Find(TaskDefinition task) => NameOf(task) is { } name ? Find(name, null) : null;

    /// <summary>Null when only the hub can have it and its cache does not hold it.</summary>
    private static string? Find(string nameOrPath, string? revision) => OnHub(nameOrPath) is { } name
        ? HubSnapshots.OfEnvironment().FindDataSet(HubRepository.DataSet(name.Name), name.Configuration, HubRepository.Revision(revision))?.Folder
        : BundledDataSets.Locate(nameOrPath);
}

using ResidualPrompts.Data;
using ResidualPrompts.Hub;

namespace ResidualPrompts.Runs;

/// <summary>
/// Where the data of a run is: a bundled data set, a path, or a data set of the hub that the cache holds, in this order. A task's own source is
/// named the same way. Nothing is downloaded.
/// </summary>
public static class DataLocation
{
    /// <summary>What a run's data is called: what the user names, else the source of the task; null when the task is unknown or has none.</summary>
    /// <param name="spec">The settings.</param>
    public static string? NameOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Data ?? (spec.Task is null ? null : NamedTasks.Find(spec.Task, spec.Compat).DataSet);
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
        if (OnHub(nameOrPath) is not { } name)
            return BundledDataSets.Locate(nameOrPath);
        var snapshots = HubSnapshots.OfEnvironment();
        return snapshots.FindDataSet(HubRepository.DataSet(name.Name), name.Configuration, HubRepository.Revision(revision))?.Folder
            ?? throw RunException.NoData(nameOrPath, revision ?? HubRepository.DefaultRevision, BundledDataSets.Names, snapshots.Folder);
    }
}

using System.Text.Json.Nodes;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>Finds a task by what a user calls it.</summary>
public static class TaskCatalog
{
    /// <summary>A built-in task, the original's definition of it, or one of a file.</summary>
    /// <param name="name">A name, or a JSON file.</param>
    /// <param name="compat">Whose definition.</param>
    /// <exception cref="TaskException">There is none, or the file is no task.</exception>
    public static TaskDefinition Find(string name, Compatibility compat = Compatibility.None) => Find(name, compat, null);

    /// <summary>Where the data of a task is: what the user names, else the task's own.</summary>
    /// <param name="task">The task.</param>
    /// <param name="data">A bundled name, a path, or a name on the hub that its cache holds; null = the task's own.</param>
    /// <param name="revision">Of a data set of the hub: branch, tag or commit; default <c>main</c>.</param>
    /// <exception cref="InputException">It is nowhere.</exception>
    public static string DataPath(TaskDefinition task, string? data, string? revision = null)
    {
        ArgumentNullException.ThrowIfNull(task);
        return data is null ? DataCatalog.Locate(task, revision) : DataCatalog.Locate(data, revision);
    }

    internal static TaskDefinition Find(string name, Compatibility compat, JsonObject? taskFile) =>
        taskFile is not null ? TaskFile.Parse(taskFile, name)
        : compat == Compatibility.Original ? OriginalTasks.Find(name)
        : TaskFile.IsFile(name) ? TaskFile.Read(name)
        : BuiltInTasks.Find(name);
}

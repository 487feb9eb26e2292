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

    internal static TaskDefinition Find(string name, Compatibility compat, JsonObject? taskFile) =>
        taskFile is not null ? TaskFile.Parse(taskFile, name)
        : compat == Compatibility.Original ? OriginalTasks.Find(name)
        : TaskFile.IsFile(name) ? TaskFile.Read(name)
        : BuiltInTasks.Find(name);
}

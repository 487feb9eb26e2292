namespace ResidualPrompts.Tasks;

/// <summary>The tasks that are known by name.</summary>
public static class BuiltInTasks
{
    /// <summary>All of them, in alphabetical order.</summary>
    public static IReadOnlyList<TaskDefinition> All { get; } =
        [.. GlueTasks.All.Concat(SuperGlueTasks.All).Concat(ClassificationTasks.All).OrderBy(task => task.Name, StringComparer.Ordinal)];

    /// <summary>Finds a task by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="TaskException">There is none; the message names those that there are, and the nearest.</exception>
    public static TaskDefinition Find(string name) =>
        All.FirstOrDefault(task => task.Name == name) ?? throw TaskException.Unknown(name, [.. All.Select(task => task.Name)]);
}

namespace ResidualPrompts.Tasks;

/// <summary>The built-in tasks.</summary>
public static class BuiltInTasks
{
    /// <summary>All built-in tasks, in alphabetical order.</summary>
    public static IReadOnlyList<TaskDefinition> All { get; } =
        [.. GlueTasks.All.Concat(SuperGlueTasks.All).Concat(ClassificationTasks.All).OrderBy(task => task.Name, StringComparer.Ordinal)];

    /// <summary>Finds a task by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="TaskException">There is no such task; the message lists the known names, and the nearest.</exception>
    public static TaskDefinition Find(string name) =>
        All.FirstOrDefault(task => task.Name == name) ?? throw TaskException.Unknown(name, [.. All.Select(task => task.Name)]);
}

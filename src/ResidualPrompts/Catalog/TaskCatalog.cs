using System.Text.Json.Nodes;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>Finds tasks by the names that users give.</summary>
public static class TaskCatalog
{
    /// <summary>Returns a built-in task, the original's definition of it, or a task from a file.</summary>
    /// <param name="name">A name, or a JSON file.</param>
    /// <param name="compat">Which definition to use.</param>
    /// <exception cref="TaskException">There is no such task, or the file does not describe one.</exception>
    public static TaskDefinition Find(string name, Compatibility compat = Compatibility.None) => Find(name, compat, null);

    /// <summary>As above, with the task's JSON as recorded by a run; null = the file as it is now.</summary>
    internal static TaskDefinition Find(string name, Compatibility compat, JsonObject? taskFile) =>
        taskFile is not null ? TaskFile.Parse(taskFile, name)
        : compat == Compatibility.Original ? OriginalTasks.Find(name)
        : TaskFile.IsFile(name) ? TaskFile.Read(name)
        : BuiltInTasks.Find(name);

    /// <summary>Returns the task of a run: a named task with the user's changes, or the user's own task.</summary>
    /// <param name="name">A name, or a JSON file; null requires template and labels.</param>
    /// <param name="template">The text of a row, or null for the task's.</param>
    /// <param name="labels">The labels, or null for the task's.</param>
    /// <param name="labelField">The field that holds the label, or null for the task's.</param>
    /// <param name="compat">Which definition to use.</param>
    /// <param name="taskFile">The task's JSON as recorded by a run; null = the file as it is now.</param>
    /// <exception cref="TaskException">There is no such task, or something is missing.</exception>
    internal static TaskDefinition Find(
        string? name, Template? template, LabelWords? labels, string? labelField, Compatibility compat, JsonObject? taskFile)
    {
        if (template is not null && labels is not null)
            return new TaskDefinition
            {
                Name = name ?? "own",
                Template = template,
                Labels = labels,
                LabelField = labelField ?? "label",
                Metrics = ["accuracy", "f1_macro"]
            };
        var named = Find(
            name ?? throw TaskException.Incomplete(needsTemplate: template is null, needsLabelWords: labels is null),
            compat, taskFile);
        if (template is not null)
            named = named with { Template = template, Text = null, CutField = null };
        return labels is null ? named : named with { Labels = labels, LabelField = labelField ?? named.LabelField };
    }
}

namespace ResidualPrompts.Tasks;

/// <summary>
/// The tasks that are known by name. Texts follow the original: every field as <c>name: value</c>, in its order, a single field bare.
/// </summary>
public static class BuiltInTasks
{
    private static readonly Dictionary<string, TaskDefinition> Tasks = new[]
    {
        TaskDefinition.Classification("rotten-tomatoes", Template.Parse("{text}"), LabelWords.Numbered("negative", "positive")),
        TaskDefinition.Classification("subj", Template.Parse("{sentence}"), LabelWords.Numbered("review", "story")),
        TaskDefinition.Classification(
            "copa",
            Template.Parse("choice1: {choice1} choice2: {choice2} premise: {premise} question: {question}"),
            LabelWords.Numbered("false", "true")),
        WinogradSchema.Task,
    }.ToDictionary(task => task.Name);

    /// <summary>Names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Tasks.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A task by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="TaskException">There is none; the message names the nearest one and all others.</exception>
    public static TaskDefinition Get(string name) => Tasks.TryGetValue(name, out var task) ? task : throw TaskException.Unknown(name, Names);
}

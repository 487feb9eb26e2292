namespace ResidualPrompts.Tasks;

/// <summary>A task is unknown, or its definition is malformed.</summary>
public sealed class TaskException : InputException
{
    private TaskException(string message)
        : base(message)
    {
    }

    internal static TaskException Unknown(string name, IReadOnlyCollection<string> known) =>
        new($"There is no task '{name}'; did you mean '{NearestName.Of(name, known)}'? Built-in tasks: {string.Join(", ", known)}. For data of your own give --data, --template and --label-words.");

    internal static TaskException Template(string text, string problem) => new($"The template \"{text}\" is malformed: {problem}. Fields stand in braces: \"review: {{text}}\"; a brace itself is doubled.");

    internal static TaskException LabelWords(string text, string problem) => new($"The label words \"{text}\" are malformed: {problem}. Expected VALUE=WORD pairs such as \"0=negative,1=positive\".");

    internal static TaskException Incomplete(string missing) =>
        new($"Data without a task needs {missing} (or rows with input_ids and target_ids, which are taken as they are).");

    internal static TaskException EqualLabels(string first, string second) =>
        new($"The label words '{first}' and '{second}' are the same tokens for this tokenizer: the model could not tell them apart.");

    internal static TaskException OpenAnswers(string task) =>
        new($"The task {task} has open answers, no fixed labels: evaluate it with --evaluation generate.");
}

using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>A task is unknown, or its template or label words are malformed.</summary>
public sealed class TaskException : InputException
{
    private TaskException(string message)
        : base(message)
    {
    }

    internal static TaskException Unknown(string name, IReadOnlyList<string> known) =>
        new($"No task '{name}': expected {string.Join(", ", known)}.{(NearestName.Of(name, known) is { } nearest ? $" Did you mean {nearest}?" : "")}");

    internal static TaskException BadTemplate(string template, string problem) => new($"Template \"{template}\": {problem}.");

    internal static TaskException BadLabelWords(string labelWords, string problem) =>
        new($"Label words \"{labelWords}\": {problem}. Expected VALUE=WORD pairs such as \"0=negative,1=positive\".");
}

namespace ResidualPrompts.Models.T5;

/// <summary>A T5 <c>config.json</c> is missing, unreadable, or describes a model that is not supported.</summary>
public sealed class T5ConfigException : InputException
{
    private const int LongestProblem = 300; // a value of the file, and what was expected

    private T5ConfigException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static T5ConfigException Missing(string folder) =>
        new(ProblemKind.Missing,
            $"'{folder}' holds no config.json: expected a Hugging Face folder of a T5 "
            + $"(config.json, model.safetensors, spiece.model or tokenizer.json).");

    internal static T5ConfigException Unreadable(string path, Exception inner) =>
        new(ProblemKind.Damaged, $"{path} could not be read as JSON: {JsonProblem.Of(inner)}", inner);

    internal static T5ConfigException Problems(string path, IReadOnlyList<string> problems) =>
        new(ProblemKind.Unsupported, $"{path} does not describe a T5 that can be loaded: "
            + $"{string.Join("; ", problems.Select(problem => ShownText.Value(problem, LongestProblem)))}.");
}

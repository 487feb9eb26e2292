namespace ResidualPrompts.Runs.Settings;

/// <summary>Settings of a run are unknown, malformed, or do not go together.</summary>
public sealed class RunSpecException : InputException
{
    private RunSpecException(string message)
        : base(message)
    {
    }

    internal static RunSpecException UnknownKey(string source, string key, string? nearest) =>
        new($"{source}: unknown setting '{key}'{(nearest is null ? "." : $"; did you mean '{nearest}'?")}");

    internal static RunSpecException Value(string name, string value, string expected) => new($"{name} is {value}, expected {expected}.");

    internal static RunSpecException Unreadable(string path, string reason) => new($"{path} cannot be read as a JSON object of settings: {reason}");

    internal static RunSpecException Problems(IEnumerable<RunProblem> problems) =>
        new(string.Join("\n", problems.Select(problem => $"{RunSetting.OptionNameOf(problem.Key)} {problem.Message}.")));
}

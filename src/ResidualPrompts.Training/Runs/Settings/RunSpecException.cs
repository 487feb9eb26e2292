namespace ResidualPrompts.Runs.Settings;

/// <summary>Settings of a run are unknown, malformed, or contradict each other.</summary>
public sealed class RunSpecException : InputException
{
    private RunSpecException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    /// <summary>The problems by setting; empty when a file, a key or a value could not be read.</summary>
    public IReadOnlyList<RunProblem> Problems { get; private init; } = [];

    internal static RunSpecException UnknownKey(string source, string key, string? nearest) =>
        new(ProblemKind.Invalid, $"{source}: unknown setting '{ShownText.Value(key)}'{(nearest is null ? "." : $"; did you mean '{nearest}'?")}");

    internal static RunSpecException Value(string name, string value, string expected, string? nearest = null) =>
        new(ProblemKind.Invalid,
            $"{name} is {(value.Length == 0 ? "empty" : ShownText.Value(value))}, expected {expected}."
                + $"{(nearest is null ? "" : $" Did you mean {nearest}?")}");

    internal static RunSpecException Unreadable(string path, string reason) =>
        new(ProblemKind.Invalid, $"{path} cannot be read as a JSON object of settings: {reason}");

    /// <summary>A file of settings for many runs, with the places of its problems.</summary>
    internal static RunSpecException File(ProblemKind kind, IEnumerable<string> lines) => new(kind, MessageText.Lines("\n", lines));

    /// <summary>A setting that does not fit the model or the data.</summary>
    internal static RunSpecException Setting(string key, string value, string expected) =>
        Of([new RunProblem(key, $"is {ShownText.Value(value)}, expected {expected}")]);

    /// <summary>A setting that the data cannot fulfil.</summary>
    internal static RunSpecException With(string key, string problem, IReadOnlyList<Remedy> remedies) =>
        new(ProblemKind.Mismatch, $"{key} {problem}.") { Problems = [new RunProblem(key, problem)], Remedies = remedies };

    internal static RunSpecException Of(IReadOnlyList<RunProblem> problems) =>
        new(ProblemKind.Invalid, MessageText.Lines("\n", problems.Select(problem => $"{problem.Key} {problem.Message}."))) { Problems = problems };
}

namespace ResidualPrompts.Tasks;

/// <summary>A task is unknown, or its template or label words are malformed.</summary>
public sealed class TaskException : InputException
{
    private TaskException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    internal static TaskException Unknown(string name, IReadOnlyList<string> known) =>
        new(ProblemKind.Missing,
            $"No task '{ShownText.Value(name)}': expected the file of a task, as name.json, or one of {string.Join(", ", known)}."
            + $"{((NearestName.Of(name, known) ?? NearestFile(name)) is { } nearest ? $" Did you mean {nearest}?" : "")}");

    /// <summary>The file of a task whose extension is missing or misspelt.</summary>
    private static string? NearestFile(string name) =>
        File.Exists(name + ".json") ? name + ".json" : NearestPath.Of(name) is { } nearest && TaskFile.IsFile(nearest) ? nearest : null;

    internal static TaskException BadTemplate(string template, string problem) =>
        new(ProblemKind.Invalid, $"Template \"{ShownText.Value(template)}\": {problem}.");

    internal static TaskException Incomplete(bool needsTemplate, bool needsLabelWords)
    {
        var missing = !needsLabelWords ? "a template" : needsTemplate ? "a template and label words" : "label words";
        var (template, words) = (
            new Remedy.SetSetting("template", Hint: "the text of a row"), new Remedy.SetSetting("label_words", Hint: "the values and their words"));
        return new TaskException(
            ProblemKind.Invalid,
            $"Data without a built-in task needs {missing} (or rows with input_ids and target_ids, which are taken as they are).")
        {
            Remedies = needsTemplate && needsLabelWords ? [] : [needsTemplate ? template : words],
        };
    }

    internal static TaskException EqualLabels(string first, string second) =>
        new(ProblemKind.Invalid,
            $"The label words '{ShownText.Value(first)}' and '{ShownText.Value(second)}' are the same tokens for this tokenizer: "
                + $"the model could not tell them apart.");

    internal static TaskException OpenAnswers(string task) => new(ProblemKind.Mismatch, $"Task {task} has open answers, no label words to score.")
    {
        Remedies = [new Remedy.SetSetting("evaluation", "generate")],
    };

    internal static TaskException NotInTheOriginal(string name, IReadOnlyList<string> known) =>
        new(ProblemKind.Unsupported,
            $"The original cannot run task '{ShownText.Value(name)}'; with compat original there are {string.Join(", ", known)}.");

    internal static TaskException BadFile(string path, string problem) =>
        new(ProblemKind.Invalid, $"Task file {path}: {problem.TrimEnd('.')}{(problem.EndsWith('?') ? "" : ".")}");

    internal static TaskException NoLeaderboard(string task, IEnumerable<string> known) =>
        new(ProblemKind.Unsupported,
            $"No leaderboard takes predictions of task {task} as this run has them; "
            + $"those of GLUE and SuperGLUE take {string.Join(", ", known)}, without compat original.");

    internal static TaskException UnknownMetric(string task, string name, IEnumerable<string> known) =>
        new(ProblemKind.Invalid, $"Task {task} has the metric '{ShownText.Value(name)}': expected {string.Join(", ", known)}.");

    internal static TaskException NeedsData(string task, string? source) =>
        new(ProblemKind.Missing, $"No data of task {task} is bundled.")
        {
            Remedies = [new Remedy.SetSetting("data", Hint: $"a folder or a file{(source is null ? "" : $" of {source}")}")],
        };

    internal static TaskException BadLabelWords(string labelWords, string problem) =>
        new(ProblemKind.Invalid, $"Label words \"{ShownText.Value(labelWords)}\": {problem}. "
            + $"Expected VALUE=WORD pairs such as \"0=negative,1=positive\".");
}

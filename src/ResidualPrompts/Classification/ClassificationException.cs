namespace ResidualPrompts.Classification;

/// <summary>A path does not hold a classifier, or a classifier cannot take its input.</summary>
public sealed class ClassificationException : InputException
{
    private ClassificationException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static ClassificationException NotFound(string path) =>
        new(ProblemKind.Missing,
            $"'{path}' is not a classifier: expected a run directory, its adapter, the model of a run that trained all weights, or a study."
                + $"{NearestPath.Hint(path)}");

    internal static ClassificationException NotFinished(string run, string status) =>
        new(ProblemKind.Missing, $"The run '{run}' is {ShownText.Value(status)}, expected a finished one.");

    internal static ClassificationException Damaged(string path, string reason, Exception inner) =>
        new(ProblemKind.Damaged, $"{path} is damaged: {reason.TrimEnd('.')}.", inner);

    internal static ClassificationException IncompleteStudy(string path, string reason) =>
        new(ProblemKind.Missing, $"The study '{path}' cannot classify: {reason}.");

    internal static ClassificationException NotTogether(string path, string difference) =>
        new(ProblemKind.Mismatch, $"The runs of the study '{path}' cannot classify together: one has another {difference} than the first.");

    internal static ClassificationException NoSeed(string path, long seed) =>
        new(ProblemKind.Missing, $"The study '{path}' has no run or more than one run with seed {seed}.");

    internal static ClassificationException NotAStudy(string path) =>
        new(ProblemKind.Missing, $"'{path}' is not a study, so no run can be chosen by its seed.");

    internal static ClassificationException NoTask(string path) =>
        new(ProblemKind.Missing,
            $"'{path}' does not say what its task is: expected the contract beside the prompt, with a template and label words, or a built-in task.");

    internal static ClassificationException TaskOfCode(string path) =>
        new(ProblemKind.Missing, $"The task of '{path}' was built in code and is not in its record: open the run with TrainedRun and the same task.");

    internal static ClassificationException NoLabels(string path, string task) =>
        new(ProblemKind.Unsupported, $"The task {task} of '{path}' has open answers, no labels to choose from: predict with TrainedRun instead.");

    internal static ClassificationException NeedsFields(string task) =>
        new(ProblemKind.Invalid, $"The task {task} builds its text from several fields: give rows with these fields instead of a bare text.");
}

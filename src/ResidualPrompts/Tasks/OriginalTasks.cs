using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// The tasks as the original defines them, including its mistakes, so that results can be compared with its results: its texts, targets truncated
/// to a few tokens, and scores over normalized strings. docs/original-command.md lists the differences.
/// </summary>
internal static class OriginalTasks
{
    // Target length of each task in the original, including </s>.
    private static readonly Dictionary<string, int> TargetLengths = new()
    {
        ["cola"] = 5,
        ["sst2"] = 2,
        ["mrpc"] = 5,
        ["qqp"] = 5,
        ["stsb"] = 3,
        ["mnli"] = 5,
        ["qnli"] = 5,
        ["rte"] = 5,
        ["boolq"] = 2,
        ["cb"] = 5,
        ["copa"] = 2,
        ["multirc"] = 5,
        ["record"] = 10,
        ["rte_superglue"] = 5,
        ["wic"] = 2,
        ["wsc"] = 3,
        ["wsc_bool"] = 2,
        ["imdb"] = 2,
        ["ag_news"] = 2,
        ["yelp_review_full"] = 2,
        ["amazon"] = 2,
        ["yahoo_answers_topics"] = 5,
        ["dbpedia_14"] = 5,
    };

    // These tasks choose the best epoch by their test split.
    private static readonly string[] ValidateOnTest = ["imdb", "ag_news", "yelp_review_full", "amazon", "yahoo_answers_topics", "dbpedia_14"];

    /// <summary>All of these tasks, in alphabetical order.</summary>
    public static IReadOnlyList<TaskDefinition> All { get; } = [
        .. BuiltInTasks.All.Where(task => TargetLengths.ContainsKey(task.Name)).Select(AsInTheOriginal)];

    /// <summary>Finds a task by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="TaskException">The original does not run this task; the message lists the tasks that it runs.</exception>
    public static TaskDefinition Find(string name) =>
        All.FirstOrDefault(task => task.Name == name) ?? throw TaskException.NotInTheOriginal(name, [.. All.Select(task => task.Name)]);

    private static TaskDefinition AsInTheOriginal(TaskDefinition task)
    {
        var original = task with
        {
            Cut = TextCut.Original,
            MaxTargetTokens = TargetLengths[task.Name],
            Evaluation = EvaluationMode.Generate,
            AnswerRule = AnswerRule.Original,
            Answers = null,
            Candidates = null,
            Aggregate = [],
            Metrics = ["accuracy"],
        };
        if (ValidateOnTest.Contains(task.Name))
            original = original with
            {
                Layout = task.Layout with { SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Validation] = ["test"] } }
            };
        return task.Name switch
        {
            "cola" => original with { Metrics = ["matthews"] },
            "cb" => original with { Metrics = ["accuracy", "f1_macro"] },
            "multirc" => original with { Metrics = ["em", "f1_micro"] },
            "record" => original with { Metrics = ["em", "f1"], AnswerRule = AnswerRule.OriginalList },
            "stsb" => original with { Metrics = ["pearson"], OpenTarget = SimilarityScore.Truncated },
            "wsc" => original with
            {
                Text = WinogradSchema.MarkWord,
                OpenTarget = WinogradSchema.ReferentWord,
                TrainingLabel = null,
                Layout = task.Layout with { Rows = WithoutFalseRows }
            },
            _ => original,
        };
    }

    /// <summary>The original skips rows whose pronoun refers to something else, in every split.</summary>
    private static IEnumerable<Example> WithoutFalseRows(Example row) =>
        row.Has("label") && LabelWords.Plain(row.Value("label")) is "false" or "0" ? [] : [row];
}

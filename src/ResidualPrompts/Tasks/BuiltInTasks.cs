namespace ResidualPrompts.Tasks;

/// <summary>The tasks that are known by name.</summary>
public static class BuiltInTasks
{
    private static readonly LabelWords FalseAndTrue = LabelWords.Of(("0", "false"), ("1", "true"));

    /// <summary>All of them, in alphabetical order.</summary>
    public static IReadOnlyList<TaskDefinition> All { get; } =
    [
        // Which of two sentences is the cause or the effect of another: false = the first, true = the second.
        new()
        {
            Name = "copa",
            DataSet = "copa",
            Template = Template.Parse("choice1: {choice1} choice2: {choice2} premise: {premise} question: {question}"),
            Labels = FalseAndTrue,
        },
        new()
        {
            Name = "rotten-tomatoes",
            DataSet = "rotten-tomatoes",
            Template = Template.Parse("{text}"),
            Labels = LabelWords.Of(("0", "negative"), ("1", "positive")),
        },
        // Subjective sentences come from reviews, objective ones from plot summaries.
        new()
        {
            Name = "subj",
            DataSet = "subj",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of(("0", "review"), ("1", "story")),
        },
        // Whether a pronoun refers to a span. T5 learns to write what it refers to, so that only true rows can teach.
        new()
        {
            Name = "wsc",
            DataSet = "wsc",
            Text = WinogradSchema.MarkPronoun,
            OpenTarget = WinogradSchema.Referent,
            Labels = LabelWords.Of(("false", "false"), ("true", "true")),
            AnswerRule = AnswerRule.Referent,
            Evaluation = EvaluationMode.Generate,
            TrainingLabel = "true",
        },
    ];

    /// <summary>Finds a task by its name.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="TaskException">There is none; the message names those that there are, and the nearest.</exception>
    public static TaskDefinition Find(string name) =>
        All.FirstOrDefault(task => task.Name == name) ?? throw TaskException.Unknown(name, [.. All.Select(task => task.Name)]);
}

using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// A task: how rows become text and labels, and how answers are judged. A task is data, with a function only for what a template
/// cannot say.
/// </summary>
/// <example>
/// Reviews with stars, in a file with the fields <c>body</c> and <c>stars</c>:
/// <code>
/// var task = new TaskDefinition
/// {
///     Name = "reviews",
///     Template = Template.Parse("review: {body}"),
///     Labels = LabelWords.Parse("1=bad,5=good"),
///     LabelField = "stars",
/// };
/// TaskExample row = task.Read(example);
/// </code>
/// </example>
public sealed record TaskDefinition
{
    // What test splits hold in place of a label: nothing in CSV, -1 on the Hugging Face hub.
    private static readonly string[] NoLabel = ["", "-1"];

    /// <summary>The task's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where the data comes from, for people.</summary>
    public string? Source { get; init; }

    /// <summary>The bundled data set, or the file or folder, that is used when no data is named; null = there is none.</summary>
    public string? DataSet { get; init; }

    /// <summary>
    /// The data set on the hub, <c>OWNER/NAME[:CONFIGURATION]</c>, that is used when no data is named and none is bundled; null = there is
    /// none.
    /// </summary>
    public string? HubDataSet { get; init; }

    /// <summary>How the data's files and fields are named, and what rows they hold.</summary>
    public DataLayout Layout { get; init; } = new();

    /// <summary>The text of a row. Either this or <see cref="Text"/>.</summary>
    public Template? Template { get; init; }

    /// <summary>The text of a row that no template can make; it goes before <see cref="Template"/>.</summary>
    public Func<Example, string>? Text { get; init; }

    /// <summary>The field of the template that is shortened when the text is too long; null = the longest one of the row.</summary>
    public string? CutField { get; init; }

    /// <summary>What is cut from a text that is too long.</summary>
    public TextCut Cut { get; init; }

    /// <summary>The labels in order, by value in the data and word; null when the data has no fixed labels.</summary>
    public LabelWords? Labels { get; init; }

    /// <summary>The field with the label's value.</summary>
    public string LabelField { get; init; } = "label";

    /// <summary>The word of the label that F1 is about; null = the second one.</summary>
    public string? PositiveLabel { get; init; }

    /// <summary>The word of the only label whose rows train; rows of other labels validate only. Null = all rows train.</summary>
    public string? TrainingLabel { get; init; }

    /// <summary>What T5 must write for a row of an open task, null where the row does not say it; null = the label's word.</summary>
    public Func<Example, string?>? OpenTarget { get; init; }

    /// <summary>All right answers of a row of an open task, null where they are not known; null = the target.</summary>
    public Func<Example, IReadOnlyList<string>?>? Answers { get; init; }

    /// <summary>The answers that a row may have, where they differ by row; null elsewhere.</summary>
    public Func<Example, IReadOnlyList<string>>? Candidates { get; init; }

    /// <summary>Fields by whose values rows belong together; none = they do not.</summary>
    public IReadOnlyList<string> GroupFields { get; init; } = [];

    /// <summary>Most tokens of a target, <c>&lt;/s&gt;</c> included; null = it is never cut. A generated answer has one token less.</summary>
    public int? MaxTargetTokens { get; init; }

    /// <summary>What a generated text is taken for.</summary>
    public AnswerRule AnswerRule { get; init; }

    /// <summary>How the task is evaluated unless asked otherwise.</summary>
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Names of the task's official metrics; the first chooses the best prompt where there is no aggregate.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = ["accuracy"];

    /// <summary>
    /// Metrics whose mean is the task's one number on the leaderboard, which then chooses the best prompt; none = there is no such mean.
    /// </summary>
    public IReadOnlyList<string> Aggregate { get; init; } = [];

    /// <summary>The words that T5 must choose from; null for an open task, which has no label scores.</summary>
    public LabelWords? LabelWords => OpenTarget is null && AnswerRule == AnswerRule.LabelWord ? Labels : null;

    /// <summary>What predictions can be, in label order; empty when answers are texts or numbers.</summary>
    public IReadOnlyList<string> Outcomes => Labels is not null && AnswerRule is AnswerRule.LabelWord or AnswerRule.Referent ? Labels!.Words : [];

    /// <summary>A row of training or validation data.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field or its label, or has an unknown label.</exception>
    public TaskExample ReadLabelled(Example example)
    {
        var read = Read(example);
        if (Labels is null)
            return read.TargetText is null ? throw example.Problem("the row has no answer to train on or to score by") : read;
        if (read.LabelIndex is not null)
            return read;
        var found = example.Value(LabelField);
        throw example.Problem($"'{LabelField}' is '{found}', which is no label; {Expected(Labels)}");
    }

    /// <summary>A row of data that may have no label: its field is missing, null, empty or -1.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field of the text, or has an unknown label.</exception>
    public TaskExample Read(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        var (text, cuttable) = TextOf(example);
        return ReadAnswer(example) with { Text = text, Cuttable = cuttable };
    }

    /// <summary>What a row says of its answer; its text stays empty and is not made.</summary>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    internal TaskExample ReadAnswer(Example example)
    {
        var label = LabelOf(example);
        var word = label is { } index ? Labels!.Words[index] : null;
        var target = OpenTarget is null ? word : OpenTarget(example);
        var answers = Answers?.Invoke(example);
        return new TaskExample(example.Index, "", target, label, Labels is not null ? word : answers is null ? target : answers is [var only] ? only
            : null)
        {
            Answers = answers,
            Candidates = Candidates?.Invoke(example),
            Group = GroupOf(example),
        };
    }

    /// <summary>The word of a row's label, for choosing rows class by class; null without one.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    public string? ClassOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return LabelOf(example) is { } label ? Labels!.Words[label] : null;
    }

    /// <summary>The group of rows that a row belongs to; null without one.</summary>
    /// <param name="example">The row.</param>
    public string? GroupOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return GroupFields.Count > 0 && GroupFields.All(example.Has) ? $"[{string.Join(',', GroupFields.Select(example.Value))}]" : null;
    }

    /// <summary>Whether a row may train.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    public bool Trains(Example example) => TrainingLabel is null || ClassOf(example) == TrainingLabel;

    /// <summary>The outcome that an answer of T5 stands for; null when it stands for none and is invalid.</summary>
    /// <param name="example">The row that was asked about.</param>
    /// <param name="generated">The answer.</param>
    public string? Judge(TaskExample example, string generated)
    {
        ArgumentNullException.ThrowIfNull(example);
        ArgumentNullException.ThrowIfNull(generated);
        return AnswerRule switch
        {
            AnswerRule.LabelWord when Labels is not null => Labels.FindWord(generated) is { } found ? Labels.Words[found] : null,
            AnswerRule.Referent => ReferentRule.Names(generated, example.TargetText!) is { } names ? Labels!.Words[names ? 1 : 0] : null,
            AnswerRule.Number => SimilarityScore.Parse(generated) is null ? null : generated.Trim(),
            AnswerRule.Original => OriginalText.Normalize(generated),
            AnswerRule.OriginalList => OriginalText.Normalize(generated, kept: ';'),
            _ => generated,
        };
    }

    private (string Text, Range? Cuttable) TextOf(Example example)
    {
        if (Text is { } make)
            return (make(example), null);
        return Template?.Render(example, CutField) ?? throw new InvalidOperationException($"Task {Name} has neither a template nor a text.");
    }

    private int? LabelOf(Example example)
    {
        if (Labels is null || !example.Has(LabelField))
            return null;
        var value = example.Value(LabelField);
        if ((Labels.Find(value) ?? Labels.FindWord(value)) is { } index) // official files have words where the hub has numbers
            return index;
        return NoLabel.Contains(value) ? null
            : throw example.Problem($"'{LabelField}' is '{Example.Shortened(value)}', which is no label of task {Name}; {Expected(Labels)}");
    }

    private static string Expected(LabelWords labels) => $"expected {string.Join(", ", labels.Values.Select(value => $"'{value}'"))}";
}

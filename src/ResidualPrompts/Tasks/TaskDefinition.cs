using System.Security.Cryptography;
using System.Text;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// A task: how rows become texts and labels, and how answers are judged. A task is data, with functions only for what a template cannot express.
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
/// Console.WriteLine(task.ClassOf(example)); // bad or good
/// </code>
/// </example>
public sealed record TaskDefinition
{
    // Test splits have these values instead of a label: nothing in CSV, -1 on the Hugging Face hub.
    private static readonly string[] NoLabel = ["", "-1"];

    /// <summary>Characters of a cluster's name: of a digest they tell 2^64 texts apart.</summary>
    private const int LongestCluster = 16;

    /// <summary>The task's name.</summary>
    public required string Name { get; init; }

    /// <summary>The origin of the data, for people.</summary>
    public string? Source { get; init; }

    /// <summary>The default data: a bundled data set, a file or a folder; null = none.</summary>
    public string? DataSet { get; init; }

    /// <summary>
    /// The default data set on the hub, <c>OWNER/NAME[:CONFIGURATION]</c>, used when no data is named and none is bundled; null = none.
    /// </summary>
    public string? HubDataSet { get; init; }

    /// <summary>Names of the data's files and fields, and the conversion of its rows.</summary>
    public DataLayout Layout { get; init; } = new();

    /// <summary>The template of a row's text. A task has either this or <see cref="Text"/>.</summary>
    public Template? Template { get; init; }

    /// <summary>Builds a row's text where no template can; it overrides <see cref="Template"/>.</summary>
    public Func<Example, string>? Text { get; init; }

    /// <summary>The field of the template that is truncated when the text is too long; null = the longest field of the row.</summary>
    public string? CutField { get; init; }

    /// <summary>The part that is cut from a text that is too long.</summary>
    internal TextCut Cut { get; init; }

    /// <summary>The labels in order, each with its value in the data and its word; null when the data has no fixed labels.</summary>
    public LabelWords? Labels { get; init; }

    /// <summary>The field that holds the label's value.</summary>
    public string LabelField { get; init; } = "label";

    /// <summary>The word of the positive label for F1; null = the second label.</summary>
    public string? PositiveLabel { get; init; }

    /// <summary>The word of the only label whose rows train; rows of other labels only validate. Null = all rows train.</summary>
    public string? TrainingLabel { get; init; }

    /// <summary>The target of a row of an open task; returns null when the row has none. Null = the target is the label's word.</summary>
    public Func<Example, string?>? OpenTarget { get; init; }

    /// <summary>All right answers of a row of an open task; returns null when they are not known. Null = the target.</summary>
    public Func<Example, IReadOnlyList<string>?>? Answers { get; init; }

    /// <summary>The candidate answers of a row, where they differ by row; null elsewhere.</summary>
    public Func<Example, IReadOnlyList<string>>? Candidates { get; init; }

    /// <summary>Rows with equal values of these fields form a group; empty = no groups.</summary>
    public IReadOnlyList<string> GroupFields { get; init; } = [];

    /// <summary>
    /// Rows with equal values of these fields rest on one text, such as the questions about a passage, and count together in intervals; empty = every
    /// row by itself.
    /// </summary>
    public IReadOnlyList<string> ClusterFields { get; init; } = [];

    /// <summary>
    /// Maximum tokens of a target, including <c>&lt;/s&gt;</c>; null = it is never truncated. A generated answer has one token less.
    /// </summary>
    public int? MaxTargetTokens { get; init; }

    /// <summary>How a generated text is interpreted.</summary>
    public AnswerRule AnswerRule { get; init; }

    /// <summary>The default evaluation mode.</summary>
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Names of the task's official metrics; the first chooses the best prompt where there is no aggregate.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = ["accuracy"];

    /// <summary>
    /// The metrics whose mean is the task's single number on the leaderboard. If there are any, their mean chooses the best prompt.
    /// </summary>
    public IReadOnlyList<string> Aggregate { get; init; } = [];

    /// <summary>The words to choose from; null for an open task, which has no label scores.</summary>
    public LabelWords? LabelWords => OpenTarget is null && AnswerRule == AnswerRule.LabelWord ? Labels : null;

    /// <summary>The possible predictions, in label order; empty when answers are texts or numbers.</summary>
    public IReadOnlyList<string> Outcomes => Labels is not null && AnswerRule is AnswerRule.LabelWord or AnswerRule.Referent ? Labels!.Words : [];

    /// <summary>Reads a row of training or validation data.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field or its label, or has an unknown label.</exception>
    internal TaskExample ReadLabelled(Example example)
    {
        var read = Read(example);
        if (Labels is null)
            return read.TargetText is null ? throw example.Problem("the row has no answer to train on or to score by") : read;
        if (read.LabelIndex is not null)
            return read;
        var found = example.Value(LabelField);
        throw example.Problem($"'{LabelField}' is '{Example.Shortened(found)}', which is not a label; {Expected(Labels)}");
    }

    /// <summary>Reads a row of data that may have no label: its field is missing, null, empty or -1.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field of the text, or has an unknown label.</exception>
    internal TaskExample Read(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        var (text, cuttable) = TextOf(example);
        return ReadAnswer(example) with { Text = text, Cuttable = cuttable };
    }

    /// <summary>Reads a row's answer, without building its text.</summary>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    internal TaskExample ReadAnswer(Example example)
    {
        var label = LabelOf(example);
        var word = label is { } index ? Labels!.Words[index] : null;
        var target = OpenTarget is null ? word : OpenTarget(example);
        var answers = Answers?.Invoke(example);
        return new TaskExample(
            example.Index, "", target, label, Labels is not null ? word : answers is null ? target : answers is [var only] ? only : null)
        {
            Answers = answers,
            Candidates = Candidates?.Invoke(example),
            Group = GroupOf(example),
            Cluster = ClusterOf(example),
        };
    }

    /// <summary>The word of a row's label, for selecting rows by class; null without a label.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    public string? ClassOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return LabelOf(example) is { } label ? Labels!.Words[label] : null;
    }

    /// <summary>The group of a row; null without one.</summary>
    /// <param name="example">The row.</param>
    internal string? GroupOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return GroupFields.Count > 0 && GroupFields.All(example.Has) ? $"[{string.Join(',', GroupFields.Select(example.Value))}]" : null;
    }

    /// <summary>
    /// The cluster of a row: a short value itself, a digest of a long one; null where the task has no clusters, or the row lacks a field.
    /// </summary>
    /// <param name="example">The row.</param>
    internal string? ClusterOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        if (ClusterFields.Count == 0 || !ClusterFields.All(example.Has))
            return null;
        var value = string.Join('\n', ClusterFields.Select(example.Value));
        return value.Length <= LongestCluster ? value : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)))[..LongestCluster];
    }

    /// <summary>Whether a row may train.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    internal bool Trains(Example example) => TrainingLabel is null || ClassOf(example) == TrainingLabel;

    /// <summary>The outcome of a generated answer; null when the answer is invalid.</summary>
    /// <param name="example">The row.</param>
    /// <param name="generated">The answer.</param>
    internal string? Judge(TaskExample example, string generated)
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
        if (Labels.Match(value) is { } index) // official files have words where the hub has numbers
            return index;
        return NoLabel.Contains(LabelWords.Plain(value)) ? null
            : throw example.Problem($"'{LabelField}' is '{Example.Shortened(value)}', which is not a label of task {Name}; {Expected(Labels)}");
    }

    private static string Expected(LabelWords labels) => $"expected {string.Join(", ", labels.Values.Select(value => $"'{value}'"))}";
}

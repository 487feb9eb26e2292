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

    /// <summary>The text of a row. Either this or <see cref="Text"/>.</summary>
    public Template? Template { get; init; }

    /// <summary>The text of a row that no template can make; it goes before <see cref="Template"/>.</summary>
    public Func<Example, string>? Text { get; init; }

    /// <summary>The labels in order, by value in the data and word; null when the data has no fixed labels.</summary>
    public LabelWords? Labels { get; init; }

    /// <summary>The field with the label's value.</summary>
    public string LabelField { get; init; } = "label";

    /// <summary>What T5 must write for a row of an open task; null = the label's word.</summary>
    public Func<Example, string>? OpenTarget { get; init; }

    /// <summary>How a generated text becomes a label.</summary>
    public AnswerRule AnswerRule { get; init; }

    /// <summary>How the task is evaluated unless asked otherwise.</summary>
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Names of the task's official metrics; the first chooses the best prompt.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = ["accuracy"];

    /// <summary>The bundled data set that is used when no data is named; null = data must be named.</summary>
    public string? DataSet { get; init; }

    /// <summary>The word of the only label whose rows train; rows of other labels validate only. Null = all rows train.</summary>
    public string? TrainingLabel { get; init; }

    /// <summary>The words that T5 must choose from; null for an open task, which has no label scores.</summary>
    public LabelWords? LabelWords => OpenTarget is null ? Labels : null;

    /// <summary>A row of training or validation data.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field or its label, or has an unknown label.</exception>
    public TaskExample ReadLabelled(Example example)
    {
        var read = Read(example);
        if (Labels is null || read.LabelIndex is not null)
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
        var text = Text is { } make ? make(example) : Template?.Render(example) ?? throw new InvalidOperationException($"Task {Name} has neither a template nor a text.");
        var label = LabelOf(example);
        var word = label is { } index ? Labels!.Words[index] : null;
        return new TaskExample(example.Index, text, OpenTarget is null ? word : OpenTarget(example), label, word);
    }

    /// <summary>The label of a row as it stands in the data, for choosing rows class by class; null without one.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The label is an array or an object.</exception>
    public string? ClassOf(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return Labels is not null && example.Has(LabelField) ? example.Value(LabelField) : null;
    }

    /// <summary>Whether a row may train.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row has an unknown label.</exception>
    public bool Trains(Example example) => TrainingLabel is null || (LabelOf(example) is { } label && Labels!.Words[label] == TrainingLabel);

    /// <summary>The label that an answer of T5 stands for; null when it stands for none and is invalid.</summary>
    /// <param name="example">The row that was asked about.</param>
    /// <param name="generated">The answer.</param>
    public string? Judge(TaskExample example, string generated)
    {
        ArgumentNullException.ThrowIfNull(example);
        if (Labels is null)
            return generated;
        var index = AnswerRule switch
        {
            AnswerRule.Referent => ReferentRule.Names(generated, example.TargetText!) is { } names ? (names ? 1 : 0) : null,
            _ => Labels.FindWord(generated),
        };
        return index is { } found ? Labels.Words[found] : null;
    }

    private int? LabelOf(Example example)
    {
        if (ClassOf(example) is not { } value)
            return null;
        if (Labels!.Find(value) is { } index)
            return index;
        return NoLabel.Contains(value) ? null : throw example.Problem($"'{LabelField}' is '{Example.Shortened(value)}', which is no label of task {Name}; {Expected(Labels)}");
    }

    private static string Expected(LabelWords labels) => $"expected {string.Join(", ", labels.Values.Select(value => $"'{value}'"))}";
}

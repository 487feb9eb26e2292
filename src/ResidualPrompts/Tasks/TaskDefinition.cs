using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// A task: how a row becomes the model's text and the text to produce, and how an answer is judged. Most tasks are a template and label
/// words alone; the others replace one of the functions.
/// <example>
/// <code>
/// var task = TaskDefinition.Classification("rotten-tomatoes", Template.Parse("{text}"), LabelWords.Numbered("negative", "positive"));
/// task.Text(row);      // "a great film"
/// task.Target(row);    // "positive"
/// </code>
/// </example>
/// </summary>
public sealed record TaskDefinition
{
    /// <summary>The label of a row whose data set keeps its labels secret, as the hub writes it.</summary>
    private const string HiddenLabel = "-1";

    /// <summary>The task's name; the bundled data set of the same name is its data.</summary>
    public required string Name { get; init; }

    /// <summary>The model's text of a row.</summary>
    public required Func<Example, string> Text { get; init; }

    /// <summary>The one field that the text is made of, so that a bare text can stand for a row; null when there are several.</summary>
    public string? SoleField { get; init; }

    /// <summary>The text that the model must produce for a row, or null when the row has no label.</summary>
    public required Func<Example, string?> Target { get; init; }

    /// <summary>The outcome that is right for a row, one of <see cref="Outcomes"/>, or null when the row has no label.</summary>
    public required Func<Example, string?> Reference { get; init; }

    /// <summary>What a prediction can be, in label order; metrics are over these.</summary>
    public required IReadOnlyList<string> Outcomes { get; init; }

    /// <summary>Judges an answer that the model produced: the outcome that it means, or null when it means none (invalid).</summary>
    public required Func<Example, string, string?> Judge { get; init; }

    /// <summary>Whether the outcomes are label words, which can be scored; else answers are open.</summary>
    public bool HasFixedLabels { get; init; } = true;

    /// <summary>Whether a row of the training split is trained on.</summary>
    public Func<Example, bool> Trains { get; init; } = _ => true;

    /// <summary>How answers are found unless the user says otherwise.</summary>
    public EvaluationKind DefaultEvaluation => HasFixedLabels ? EvaluationKind.Labels : EvaluationKind.Generate;

    /// <summary>A task of fixed labels.</summary>
    /// <param name="name">The task's name.</param>
    /// <param name="template">The model's text.</param>
    /// <param name="labels">Label values and words.</param>
    /// <param name="labelField">Field of the label.</param>
    public static TaskDefinition Classification(string name, Template template, LabelWords labels, string labelField = "label")
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(labels);
        string? Word(Example row) => WordOf(row, labels, labelField);
        return new TaskDefinition
        {
            Name = name,
            Text = template.Render,
            SoleField = template.SoleField,
            Target = Word,
            Reference = Word,
            Outcomes = labels.Words,
            Judge = (_, answer) => labels.Words.Contains(answer.Trim()) ? answer.Trim() : null,
        };
    }

    /// <summary>The same task with another text.</summary>
    /// <param name="template">The model's text.</param>
    public TaskDefinition WithTemplate(Template template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return this with { Text = template.Render, SoleField = template.SoleField };
    }

    /// <summary>The label word of a row; null when it has no label.</summary>
    /// <exception cref="DataException">The label is none of those known.</exception>
    internal static string? WordOf(Example row, LabelWords labels, string labelField)
    {
        if (!row.Has(labelField))
            return null;
        var value = row.Value(labelField);
        return labels.WordOf(value) ?? (value is HiddenLabel or "" ? null : throw row.Problem($"'{labelField}' is {value}, expected one of {labels.Shown}"));
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Adapters;

/// <summary>A metric of a released prompt.</summary>
/// <param name="Name">Its name, as in run.json.</param>
/// <param name="Split">The split it was measured on: validation or test.</param>
/// <param name="Value">A fraction; null when undefined.</param>
internal sealed record ContractMetric(string Name, string Split, double? Value);

/// <summary>
/// Describes a released prompt: its backbone and its task. The file <see cref="FileName"/> lies beside the prompt. It keeps the prompt from being
/// used with another model, and gives a server the prompt's template and labels.
/// <example>
/// <code>
/// var contract = PromptContract.Find("runs/first/adapter");
/// Console.WriteLine(contract?.Template);
/// </code>
/// </example>
/// </summary>
public sealed record PromptContract
{
    /// <summary>Name of the file in an adapter directory.</summary>
    public const string FileName = "residual_prompt.json";

    /// <summary>The backbone that the prompt was trained on.</summary>
    public required BackboneIdentity Backbone { get; init; }

    /// <summary>Rows of the prompt, P.</summary>
    public required int VirtualTokenCount { get; init; }

    /// <summary>Maximum input tokens of an example in training, including the prompt's; null when not known.</summary>
    public int? MaxInputLength { get; init; }

    /// <summary>The task's name; null for rows of token ids, or when not known.</summary>
    public string? Task { get; init; }

    /// <summary>The text of an example, with fields in braces; null where code builds the text, as for wsc.</summary>
    public string? Template { get; init; }

    /// <summary>The field that holds the label.</summary>
    public string? LabelField { get; init; }

    /// <summary>Values and words of the labels in order; null for open answers.</summary>
    public LabelWords? LabelWords { get; init; }

    /// <summary>How answers are obtained.</summary>
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Maximum tokens of a generated answer; null when not known.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>The metric that the prompt was chosen by.</summary>
    internal ContractMetric? Metric { get; init; }

    /// <summary>The run's seed.</summary>
    public long? Seed { get; init; }

    /// <summary>The network that reparameterized the prompt in training, as in run.json; <c>none</c> for prompt tuning.</summary>
    public string? Reparameterization { get; init; }

    /// <summary>Reads the contract of an adapter directory; null when it has none. Loads no model.</summary>
    /// <param name="directory">The adapter directory.</param>
    /// <exception cref="AdapterException">The file is broken.</exception>
    public static PromptContract? Find(string directory)
    {
        var path = Path.Combine(directory, FileName);
        return File.Exists(path) ? PromptContractFile.Read(path) : null;
    }

    /// <summary>Writes the contract into an adapter directory.</summary>
    /// <param name="directory">An existing directory.</param>
    public void Write(string directory) => PromptContractFile.Write(Path.Combine(directory, FileName), this);

    /// <summary>
    /// Returns the task as it was trained: from the contract's template and label words, else the built-in task of that name; null without either.
    /// </summary>
    /// <exception cref="TaskException">The template is malformed, or there is no task of that name.</exception>
    public TaskDefinition? ToTask()
    {
        if (Template is not null && LabelWords is not null)
            return new TaskDefinition
            {
                Name = Task ?? "own",
                Template = Tasks.Template.Parse(Template),
                Labels = LabelWords,
                LabelField = LabelField ?? "label",
                Evaluation = Evaluation
            };
        return Task is null ? null : BuiltInTasks.Find(Task);
    }
}

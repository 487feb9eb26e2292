using ResidualPrompts.Backbones;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Adapters;

/// <summary>A metric of a released prompt.</summary>
/// <param name="Name">Its name, as in run.json.</param>
/// <param name="Split">Where it was measured: validation or test.</param>
/// <param name="Value">A fraction; null when undefined.</param>
public sealed record ContractMetric(string Name, string Split, double? Value);

/// <summary>
/// What a released prompt is for: its backbone and its task. It stands beside the prompt as <see cref="FileName"/>, so that a prompt is
/// not used on another model and whoever serves it knows its text and its answers.
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

    /// <summary>Input tokens of an example, the prompt's included, in training; null when not known.</summary>
    public int? MaxInputLength { get; init; }

    /// <summary>The task's name; null for rows of token ids, or when not known.</summary>
    public string? Task { get; init; }

    /// <summary>The text of an example with fields in braces; null where code makes it, as for wsc.</summary>
    public string? Template { get; init; }

    /// <summary>The field of the label in data.</summary>
    public string? LabelField { get; init; }

    /// <summary>Values and words of the labels in order; null for open answers.</summary>
    public LabelWords? LabelWords { get; init; }

    /// <summary>How answers are found.</summary>
    public EvaluationMode Evaluation { get; init; }

    /// <summary>Most tokens of a generated answer; null when not known.</summary>
    public int? MaxNewTokens { get; init; }

    /// <summary>The metric that the prompt was chosen by.</summary>
    public ContractMetric? Metric { get; init; }

    /// <summary>The run's seed.</summary>
    public long? Seed { get; init; }

    /// <summary>The network that made the prompt while it trained, as in run.json; <c>none</c> for prompt tuning.</summary>
    public string? Reparameterization { get; init; }

    /// <summary>Reads the contract of an adapter directory, or null when there is none. No model is loaded.</summary>
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
    /// The task as it was trained: the contract's template and label words, or the built-in task of its name; null when it names neither.
    /// </summary>
    /// <exception cref="TaskException">The template is malformed, or no task is known by the name.</exception>
    public TaskDefinition? ToTask()
    {
        if (Template is not null && LabelWords is not null)
            return new TaskDefinition { Name = Task ?? "own", Template = Tasks.Template.Parse(Template), Labels = LabelWords, LabelField = LabelField
                ?? "label", Evaluation = Evaluation };
        return Task is null ? null : BuiltInTasks.Find(Task);
    }
}

namespace ResidualPrompts.Server;

/// <summary>
/// What is served and within which limits, wherever it is served. Read once, at the start. In a configuration each property is a key of its
/// name, for example <c>"PromptServing": { "Model": "t5-nano", "MaxRows": 64 }</c>.
/// </summary>
public sealed record PromptServingOptions
{
    /// <summary>A bundled model's name, a Hugging Face folder, or a run directory or its <c>model</c> folder. Required.</summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// The directory whose adapter directories (or run directories) are the prompts; it is watched. Default null: the backbone alone, as prompt
    /// <c>none</c>.
    /// </summary>
    public string? Prompts { get; set; }

    /// <summary>The directory whose run directories the page shows. Default null: none.</summary>
    public string? Runs { get; set; }

    /// <summary>File of API keys, one a line, at least 16 characters each. Default null: no keys are asked for.</summary>
    public string? KeysFile { get; set; }

    /// <summary>Whether a prompt of another backbone or tokenizer is served with a warning. Default false: it is refused.</summary>
    public bool AllowMismatch { get; set; }

    /// <summary>Whether the log holds the inputs. Default false.</summary>
    public bool LogInputs { get; set; }

    /// <summary>Most bytes of a request's body, 1 to 2³⁰. Default 1,048,576.</summary>
    public int MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>Most rows of a request, inputs times prompts; 1 to <see cref="QueueRows"/>. Default 256.</summary>
    public int MaxRows { get; set; } = 256;

    /// <summary>Most tokens of a row, the prompt's included; 1 to 2²⁰. Longer rows are refused, never cut. Default 512.</summary>
    public int MaxTokens { get; set; } = 512;

    /// <summary>Most labels of a request, 1 to 65,536; all of them together have at most 16 times as many tokens. Default 64.</summary>
    public int MaxLabels { get; set; } = 64;

    /// <summary>Most new tokens of a generated row, 1 to 4,096. Default 128.</summary>
    public int MaxNewTokens { get; set; } = 128;

    /// <summary>Most rows that wait, 1 to 2²⁰. Default 1,024.</summary>
    public int QueueRows { get; set; } = 1024;

    /// <summary>Most rows of a batch, 1 to 4,096. Default 64.</summary>
    public int BatchRows { get; set; } = 64;

    /// <summary>Most tokens of a batch, padding included, 1 to 2²⁴; a longer row is a batch of its own. Default 4,096.</summary>
    public int BatchTokens { get; set; } = 4096;

    /// <summary>
    /// How long a row waits at most for others to share its batch while nothing else is computed, 0 to 1,000 milliseconds. Default 3.
    /// </summary>
    public int BatchDelayMilliseconds { get; set; } = 3;

    /// <summary>How long a request may take, 1 to 86,400 seconds. Default 30.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Everything that is wrong and can be seen without a file.</summary>
    internal IEnumerable<string> Problems(SettingNames names)
    {
        string?[] problems =
        [
            names.OutOfRange(nameof(MaxBodyBytes), MaxBodyBytes, 1, 1 << 30),
            names.OutOfRange(nameof(MaxRows), MaxRows, 1, QueueRows),
            names.OutOfRange(nameof(MaxTokens), MaxTokens, 1, 1 << 20),
            names.OutOfRange(nameof(MaxLabels), MaxLabels, 1, 1 << 16),
            names.OutOfRange(nameof(MaxNewTokens), MaxNewTokens, 1, 4096),
            names.OutOfRange(nameof(QueueRows), QueueRows, 1, 1 << 20),
            names.OutOfRange(nameof(BatchRows), BatchRows, 1, 4096),
            names.OutOfRange(nameof(BatchTokens), BatchTokens, 1, 1 << 24),
            names.OutOfRange(nameof(BatchDelayMilliseconds), BatchDelayMilliseconds, 0, 1000),
            names.OutOfRange(nameof(TimeoutSeconds), TimeoutSeconds, 1, 86400),
            Model.Length == 0 ? $"{names[nameof(Model)]} is missing, expected a bundled model's name, a model folder or a run directory" : null,
        ];
        return problems.OfType<string>();
    }
}

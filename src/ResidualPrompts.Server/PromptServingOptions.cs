namespace ResidualPrompts.Server;

/// <summary>
/// The model, the prompts and the limits of a server, standalone or inside an app. Read once, at startup. In a configuration, keys are the
/// property names, for example <c>"PromptServing": { "Model": "t5-nano", "MaxRows": 64 }</c>.
/// </summary>
public sealed record PromptServingOptions
{
    /// <summary>
    /// A bundled model's name, a Hugging Face folder, or a run directory or its <c>model</c> folder. Required, unless <see cref="Runs"/> is given
    /// without <see cref="Prompts"/>: then nothing is loaded, runs are shown, and requests for predictions are answered with status 501.
    /// </summary>
    public string Model { get; set; } = "";

    /// <summary>
    /// Directory of adapter directories, run directories or studies to serve as prompts, or a study; changes are picked up. The runs of a study
    /// answer together, by the mean of their probabilities. Default null: only the backbone without a prompt, named <c>none</c>.
    /// </summary>
    public string? Prompts { get; set; }

    /// <summary>Of each study, the seed of the run to serve alone. Default null: all of its runs together.</summary>
    public long? Seed { get; set; }

    /// <summary>Directory of run directories to show on the web page. Default null: none.</summary>
    public string? Runs { get; set; }

    /// <summary>File of API keys, one per line, at least 16 characters each. Default null: no key is required.</summary>
    public string? KeysFile { get; set; }

    /// <summary>Whether to serve prompts of another backbone or tokenizer, with a warning. Default false: they are rejected.</summary>
    public bool AllowMismatch { get; set; }

    /// <summary>Whether to log the input texts. Default false.</summary>
    public bool LogInputs { get; set; }

    /// <summary>Maximum size of a request body in bytes, 1 to 2³⁰. Default 1,048,576.</summary>
    public int MaxBodyBytes { get; set; } = 1 << 20;

    /// <summary>Maximum rows per request, inputs times prompts; 1 to <see cref="QueueRows"/>. Default 256.</summary>
    public int MaxRows { get; set; } = 256;

    /// <summary>Maximum tokens per row, prompt included; 1 to 2²⁰. Longer rows are rejected, never truncated. Default 512.</summary>
    public int MaxTokens { get; set; } = 512;

    /// <summary>Maximum labels per request, 1 to 65,536; together they may have 16 times as many tokens. Default 64.</summary>
    public int MaxLabels { get; set; } = 64;

    /// <summary>Maximum generated tokens per row, 1 to 4,096. Default 128.</summary>
    public int MaxNewTokens { get; set; } = 128;

    /// <summary>Maximum number of waiting rows, 1 to 2²⁰. Default 1,024.</summary>
    public int QueueRows { get; set; } = 1024;

    /// <summary>Maximum rows per batch, 1 to 4,096. Default 64.</summary>
    public int BatchRows { get; set; } = 64;

    /// <summary>Maximum tokens per batch, padding included, 1 to 2²⁴; a longer row forms its own batch. Default 4,096.</summary>
    public int BatchTokens { get; set; } = 4096;

    /// <summary>
    /// How long an idle server waits for more rows to fill a batch, 0 to 1,000 milliseconds. Default 3.
    /// </summary>
    public int BatchDelayMilliseconds { get; set; } = 3;

    /// <summary>Time limit of a request, 1 to 86,400 seconds. Default 30.</summary>
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Whether no model is served.</summary>
    internal bool ShowsRunsOnly => Model.Length == 0 && Runs is not null && Prompts is null;

    /// <summary>All problems of the options that can be detected without reading files.</summary>
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
            Model.Length == 0 && !ShowsRunsOnly
                ? $"{names[nameof(Model)]} is missing, expected a bundled model's name, a model folder or a run directory"
                    + (Prompts is null ? $" (not needed with {names[nameof(Runs)]})" : "")
                : null,
        ];
        return problems.OfType<string>();
    }
}

using ResidualPrompts.Data.Splits;
using ResidualPrompts.Prompts;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Settings;

/// <summary>
/// Every setting of a training run, with its default. JSON keys are the property names in snake_case, options the same with hyphens.
/// Rules between settings are in <see cref="Validate"/>.
/// </summary>
public sealed record RunSpec
{
    /// <summary>A built-in task.</summary>
    [Setting("Data", "A built-in task ('tasks list' shows them), or the JSON file of your own.", "NAME|FILE")]
    public string? Task { get; init; }

    /// <summary>Data of one's own: a folder of splits, or one file.</summary>
    [Setting("Data", "A folder with train, validation (val, dev) and test as .jsonl, .csv, .tsv or .parquet, also .gz, one such file, or a data set of the hub such as aps/super_glue:boolq.", "DIR|FILE|NAME[:CONFIG]", Default = "the task's own, bundled or of the hub")]
    public string? Data { get; init; }

    /// <summary>The encoding of the data's text files.</summary>
    [Setting("Data", "Encoding of text files: utf-8, utf-16, latin1, windows-1252, ….", "NAME")]
    public string Encoding { get; init; } = "utf-8";

    /// <summary>Which state of a data set of the hub.</summary>
    [Setting("Data", "Of a data set of the hub: branch, tag or commit.", "REV", Default = "main")]
    public string? DataRevision { get; init; }

    /// <summary>Whose definition of the task.</summary>
    [Setting("Data", "Whose definition of the task: none (its own, repaired) or original (the original's texts, cut targets and scores).", "WHOSE")]
    public Compatibility Compat { get; init; }

    /// <summary>The model's text of an example.</summary>
    [Setting("Data", "Text of an example, with fields of its row in braces: \"review: {text}\".", "TEXT", Default = "the task's")]
    public string? Template { get; init; }

    /// <summary>Label values and the words for them.</summary>
    [Setting("Data", "Label values and the word that stands for each: \"0=negative,1=positive\".", "V=WORD,…", Default = "the task's")]
    public string? LabelWords { get; init; }

    /// <summary>The field of the label.</summary>
    [Setting("Data", "Field of the label.", "NAME", Default = "the task's, or label")]
    public string? LabelField { get; init; }

    /// <summary>Share of a single file that validates.</summary>
    [Setting("Data", "Share of the rows that validate when the data has no validation split, drawn by class and seed; 0: no validation.", "FRACTION")]
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Training examples per class.</summary>
    [Setting("Data", "Train on so many examples of each class, the same in every run.", "N", Default = "all")]
    public int? FewShot { get; init; }

    /// <summary>Which examples these are.</summary>
    [Setting("Data", "Which examples few_shot and validation_per_class choose; another number, other examples.", "N")]
    public long FewShotSeed { get; init; } = SplitOptions.DefaultFewShotSeed;

    /// <summary>Validation examples per class, or groups in all where examples belong together.</summary>
    [Setting("Data", "Validate on so many examples of each class; where examples belong together, as in multirc, on so many groups.", "N", Default = "all")]
    public int? ValidationPerClass { get; init; }

    /// <summary>Whether the validation split is halved.</summary>
    [Setting("Data", "Use the second half of the validation split as test split.")]
    public bool TestFromValidation { get; init; }

    /// <summary>Whether validation is held out of the training rows although there is a validation split.</summary>
    [Setting("Data", "Hold validation_fraction of the training rows out for validation and use the validation split as test split, where the test split has no labels.")]
    public bool ValidationFromTrain { get; init; }

    /// <summary>Input tokens with the prompt.</summary>
    [Setting("Data", "Input tokens of an example, the prompt's included; of a longer text the task's long field is cut.", "TOKENS")]
    public int MaxInputLength { get; init; } = 512;

    /// <summary>The backbone.</summary>
    [Setting("Model and prompt", "The frozen T5: a bundled name (t5-nano), a Hugging Face folder, or a name on the hub such as google/t5-base-lm-adapt.", "NAME|DIR")]
    public string Model { get; init; } = "t5-base";

    /// <summary>Which state of a model of the hub.</summary>
    [Setting("Model and prompt", "Of a model of the hub: branch, tag or commit.", "REV", Default = "main")]
    public string? Revision { get; init; }

    /// <summary>Virtual tokens, P.</summary>
    [Setting("Model and prompt", "Virtual tokens.", "N")]
    public int PromptLength { get; init; } = 10;

    /// <summary>Start rows.</summary>
    [Setting("Model and prompt", "Start rows: vocabulary[:N most common], uniform[:RANGE], text:\"…\", label-words, or file:PATH.", "HOW")]
    public string PromptInit { get; init; } = "vocabulary";

    /// <summary>What trains.</summary>
    [Setting("Model and prompt", "What trains: prompt (the T5 is frozen) or full (all weights of the T5, and there is no prompt).", "WHAT")]
    public TuningMethod Method { get; init; }

    /// <summary>Weights that train beside the prompt.</summary>
    [Setting("Model and prompt", "Train also every T5 weight whose name contains this word, such as layer_norm.", "WORD", Default = "none")]
    public string? TrainWeights { get; init; }

    /// <summary>The network that makes the prompt while training.</summary>
    [Setting("Model and prompt", "The network that makes the prompt while it trains: none (prompt tuning), mlp (residual prompt tuning), mlp2, mlp2-tied, lstm, lstm1, lstm2 or transformer.", "KIND")]
    public Reparameterization Reparameterization { get; init; }

    /// <summary>Whether the rows are added to the network's output.</summary>
    [Setting("Model and prompt", "Leave out the skip connection: the prompt is the network's output alone.")]
    public bool Skip { get; init; } = true;

    /// <summary>Inner width m.</summary>
    [Setting("Model and prompt", "Inner width of the network.", "N")]
    public int BottleneckSize { get; init; } = 800;

    /// <summary>Inner width of a transformer's feed-forward layers.</summary>
    [Setting("Model and prompt", "Inner width of the feed-forward layers of reparameterization transformer.", "N")]
    public int FeedForwardSize { get; init; } = 2048;

    /// <summary>What stands between the network's matrices.</summary>
    [Setting("Model and prompt", "Nonlinearity of the network: relu, tanh, sigmoid or gelu.", "NAME")]
    public Nonlinearity Nonlinearity { get; init; }

    /// <summary>Whether the branch ends with a LayerNorm.</summary>
    [Setting("Model and prompt", "Leave out the LayerNorm at the network's end.")]
    public bool LayerNorm { get; init; } = true;

    /// <summary>Whether each row has a network of its own.</summary>
    [Setting("Model and prompt", "A network of its own for each row.")]
    public bool SeparateNetworks { get; init; }

    /// <summary>Passes over the training data.</summary>
    [Setting("Training", "Passes over the training data.", "N")]
    public int Epochs { get; init; } = 5;

    /// <summary>Examples of one forward pass.</summary>
    [Setting("Training", "Examples of one forward pass.", "N")]
    public int BatchSize { get; init; } = 8;

    /// <summary>Forward passes of one update.</summary>
    [Setting("Training", "Forward passes whose gradients make one update; equal to one larger batch.", "N")]
    public int Accumulation { get; init; } = 1;

    /// <summary>Less memory for more time.</summary>
    [Setting("Training", "Keep only what goes into each encoder block and compute the block again for its gradient: a fraction of the memory, a third more time.")]
    public bool GradientCheckpointing { get; init; }

    /// <summary>Step size.</summary>
    [Setting("Training", "Learning rate.", "RATE", Default = "0.3; 0.0003 with --method full")]
    public double? LearningRate { get; init; }

    /// <summary>Step size of the network.</summary>
    [Setting("Training", "Learning rate of the network.", "RATE", Default = "the prompt's")]
    public double? NetworkLearningRate { get; init; }

    /// <summary>How parameters are updated.</summary>
    [Setting("Training", "Update rule: original-adamw, adamw (torch's) or adafactor.", "RULE")]
    public OptimizerKind Optimizer { get; init; }

    /// <summary>How the learning rate goes over the steps.</summary>
    [Setting("Training", "How the learning rate goes over the steps: constant, linear or cosine (both down to 0).", "KIND")]
    public ScheduleKind Schedule { get; init; }

    /// <summary>Steps over which the learning rate rises.</summary>
    [Setting("Training", "Steps over which the learning rate rises at the start.", "STEPS")]
    public int WarmupSteps { get; init; }

    /// <summary>Decoupled weight decay.</summary>
    [Setting("Training", "Weight decay of all that trains, relative to the learning rate.", "RATE")]
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>Largest gradient norm.</summary>
    [Setting("Training", "Scale gradients down to this L2 norm when theirs is larger.", "NORM", Default = "off")]
    public double? Clip { get; init; }

    /// <summary>Dropout of the frozen backbone.</summary>
    [Setting("Training", "Dropout rate of the backbone while training; never in evaluation.", "FRACTION", Default = "dropout_rate of the model's config")]
    public double? Dropout { get; init; }

    /// <summary>Dropout inside the network.</summary>
    [Setting("Training", "Dropout rate inside the network while training.", "FRACTION")]
    public double NetworkDropout { get; init; }

    /// <summary>Whether each epoch has an order of its own.</summary>
    [Setting("Training", "Keep the order of the data instead of a new order each epoch.")]
    public bool Shuffle { get; init; } = true;

    /// <summary>The seed.</summary>
    [Setting("Training", "Rules initialization, order and dropout.", "N")]
    public long Seed { get; init; }

    /// <summary>How answers are found.</summary>
    [Setting("Evaluation", "How answers are found: labels (the most likely label) or generate (greedy text).", "HOW", Default = "the task's, mostly labels")]
    public EvaluationMode? Evaluation { get; init; }

    /// <summary>Epochs between evaluations.</summary>
    [Setting("Evaluation", "Epochs between evaluations.", "N", Default = "1 up to 50 epochs, 5 up to 200, else 25")]
    public int? EvaluateEvery { get; init; }

    /// <summary>Evaluations without improvement before training stops.</summary>
    [Setting("Evaluation", "Stop after so many evaluations without improvement.", "N", Default = "all epochs run")]
    public int? Patience { get; init; }

    /// <summary>Which prompt is released.</summary>
    [Setting("Evaluation", "Which state is released: best (by validation) or last.", "WHICH")]
    public ReleasedState Release { get; init; }

    /// <summary>Whether the test split is scored at the end.</summary>
    [Setting("Evaluation", "Score the test split at the end with what is released.")]
    public bool Test { get; init; }

    /// <summary>Parent folder of the run.</summary>
    [Setting("Run", "Parent folder of the run directory; %u is the user's name.", "DIR")]
    public string SaveDir { get; init; } = "runs";

    /// <summary>Name of the run.</summary>
    [Setting("Run", "Name of the run directory.", "NAME", Default = "required")]
    public string? SaveName { get; init; }

    /// <summary>The task that a name stands for; null when template and label words make one of their own.</summary>
    internal string? NamedTask => Template is not null && LabelWords is not null ? null : Task;

    /// <summary>The run directory.</summary>
    internal string Directory => Path.Combine(SaveDir.Replace("%u", Environment.UserName, StringComparison.Ordinal), SaveName ?? "");

    /// <summary>Learning rate in force.</summary>
    internal double LearningRateInForce => LearningRate ?? (Method == TuningMethod.Full ? 3e-4 : 0.3);

    /// <summary>Virtual tokens before each example.</summary>
    internal int VirtualTokenCount => Method == TuningMethod.Full ? 0 : PromptLength;

    /// <summary>Updates of one pass over the training data.</summary>
    internal int StepsPerEpoch(int trainCount) => (trainCount + (BatchSize * Accumulation) - 1) / (BatchSize * Accumulation);

    /// <summary>Epochs between evaluations in force; the default is the original's.</summary>
    internal int EvaluateEveryInForce => EvaluateEvery ?? (Epochs <= 50 ? 1 : Epochs <= 200 ? 5 : 25);

    /// <summary>All that is wrong with the settings themselves; whether files exist and fit is found out later.</summary>
    public IReadOnlyList<RunProblem> Validate() => RunSpecValidator.Check(this);

    /// <summary>The same for a run whose task and rows are given beside the settings; it needs no name, and then writes nothing.</summary>
    internal IReadOnlyList<RunProblem> ValidateForRows() => RunSpecValidator.CheckForRows(this);
}

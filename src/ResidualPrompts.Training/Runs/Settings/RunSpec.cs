using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Prompts;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Settings;

/// <summary>
/// Every setting of a training run, with its default. JSON keys are the property names in snake_case. Settings that are texts of a form of
/// their own (<see cref="PromptInit"/>, <see cref="Template"/>, <see cref="LabelWords"/>, <see cref="Encoding"/>) can be written as text; one
/// that is not of the form is kept as it is. <see cref="Validate"/> says what is wrong with it, as with ranges and rules between settings.
/// </summary>
public sealed record RunSpec
{
    /// <summary>A built-in task ('tasks list' shows them), or the JSON file of your own. Default: none.</summary>
    public string? Task { get; init; }

    /// <summary>
    /// A folder with train, validation (val, dev) and test as .jsonl, .csv, .tsv or .parquet, also .gz, one such file, or a data set of the hub
    /// such as aps/super_glue:boolq. Default: the task's own, bundled or of the hub.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>Encoding of text files: utf-8, utf-16, latin1, windows-1252, …. Default: utf-8.</summary>
    public TextEncoding Encoding { get; init; } = "utf-8";

    /// <summary>Of a data set of the hub: branch, tag or commit. Default: main.</summary>
    public string? DataRevision { get; init; }

    /// <summary>
    /// Whose definition of the task: none (its own, repaired) or original (the original's texts, cut targets and scores). Default: none.
    /// </summary>
    public Compatibility Compat { get; init; }

    /// <summary>
    /// Text of an example, with fields of its row in braces: "review: {text}". Range: a text with at least one field. Default: the task's.
    /// </summary>
    public Template? Template { get; init; }

    /// <summary>Label values and the word that stands for each: "0=negative,1=positive". Range: at least two pairs. Default: the task's.</summary>
    public LabelWords? LabelWords { get; init; }

    /// <summary>Field of the label. Range: a field of the rows. Default: the task's, or label.</summary>
    public string? LabelField { get; init; }

    /// <summary>
    /// Share of the rows that validate when the data has no validation split, drawn by class and seed; 0: no validation. Range: at least 0 and
    /// below 1. Default: 0.1.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>Train on so many examples of each class, the same in every run. Range: at least 1. Default: all.</summary>
    public int? FewShot { get; init; }

    /// <summary>
    /// Which examples few_shot and validation_per_class choose; another number, other examples. Range: any whole number. Default: 0.
    /// </summary>
    public long FewShotSeed { get; init; } = SplitOptions.DefaultFewShotSeed;

    /// <summary>
    /// Validate on so many examples of each class; where examples belong together, as in multirc, on so many groups. Range: at least 1. Default:
    /// all.
    /// </summary>
    public int? ValidationPerClass { get; init; }

    /// <summary>Use the second half of the validation split as test split. Default: false.</summary>
    public bool TestFromValidation { get; init; }

    /// <summary>
    /// Hold validation_fraction of the training rows out for validation and use the validation split as test split, where the test split has no
    /// labels. Default: false.
    /// </summary>
    public bool ValidationFromTrain { get; init; }

    /// <summary>
    /// Input tokens of an example, the prompt's included; of a longer text the task's long field is cut. Range: at least prompt_length + 2.
    /// Default: 512.
    /// </summary>
    public int MaxInputLength { get; init; } = 512;

    /// <summary>
    /// The frozen T5: a bundled name (t5-nano), a Hugging Face folder, or a name on the hub such as google/t5-base-lm-adapt. Default: t5-base.
    /// </summary>
    public string Model { get; init; } = "t5-base";

    /// <summary>Of a model of the hub: branch, tag or commit. Default: main.</summary>
    public string? Revision { get; init; }

    /// <summary>Virtual tokens. Range: 1 to 10000. Default: 10.</summary>
    public int PromptLength { get; init; } = 10;

    /// <summary>Start rows: vocabulary[:N most common], uniform[:RANGE], text:"…", label-words, or file:PATH. Default: vocabulary.</summary>
    public PromptInit PromptInit { get; init; } = "vocabulary";

    /// <summary>What trains: prompt (the T5 is frozen) or full (all weights of the T5, and there is no prompt). Default: prompt.</summary>
    public TuningMethod Method { get; init; }

    /// <summary>
    /// Train also every T5 weight whose name contains this word, such as layer_norm. Range: a part of a weight's name. Default: none.
    /// </summary>
    public string? TrainWeights { get; init; }

    /// <summary>
    /// The network that makes the prompt while it trains: none (prompt tuning), mlp (residual prompt tuning), mlp2, mlp2-tied, lstm, lstm1, lstm2
    /// or transformer. Default: none.
    /// </summary>
    public Reparameterization Reparameterization { get; init; }

    /// <summary>False: leave out the skip connection: the prompt is the network's output alone. Default: true.</summary>
    public bool Skip { get; init; } = true;

    /// <summary>Inner width of the network. Range: 1 to 1000000. Default: 800.</summary>
    public int BottleneckSize { get; init; } = 800;

    /// <summary>Inner width of the feed-forward layers of reparameterization transformer. Range: 1 to 1000000. Default: 2048.</summary>
    public int FeedForwardSize { get; init; } = 2048;

    /// <summary>Nonlinearity of the network: relu, tanh, sigmoid or gelu. Default: relu.</summary>
    public Nonlinearity Nonlinearity { get; init; }

    /// <summary>False: leave out the LayerNorm at the network's end. Default: true.</summary>
    public bool LayerNorm { get; init; } = true;

    /// <summary>A network of its own for each row. Default: false.</summary>
    public bool SeparateNetworks { get; init; }

    /// <summary>Passes over the training data. Range: 1 to 1000000. Default: 5.</summary>
    public int Epochs { get; init; } = 5;

    /// <summary>Examples of one forward pass. Range: 1 to 65536. Default: 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Forward passes whose gradients make one update; equal to one larger batch. Range: 1 to 65536. Default: 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>
    /// Keep only what goes into each encoder block and compute the block again for its gradient: a fraction of the memory, a third more time.
    /// Default: false.
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Learning rate. Range: above 0. Default: 0.3; 0.0003 with method full.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Learning rate of the network. Range: above 0. Default: the prompt's.</summary>
    public double? NetworkLearningRate { get; init; }

    /// <summary>Update rule: original-adamw, adamw (torch's) or adafactor. Default: original-adamw.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>How the learning rate goes over the steps: constant, linear or cosine (both down to 0). Default: constant.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Steps over which the learning rate rises at the start. Range: at least 0. Default: 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>
    /// Weight decay of all that trains, relative to the learning rate. Range: at least 0 and below 1 / learning_rate. Default: 1E-05.
    /// </summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>Scale gradients down to this L2 norm when theirs is larger. Range: above 0. Default: off.</summary>
    public double? Clip { get; init; }

    /// <summary>
    /// Dropout rate of the backbone while training; never in evaluation. Range: at least 0 and below 1. Default: dropout_rate of the model's
    /// config.
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>Dropout rate inside the network while training. Range: at least 0 and below 1. Default: 0.</summary>
    public double NetworkDropout { get; init; }

    /// <summary>False: keep the order of the data instead of a new order each epoch. Default: true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Rules initialization, order and dropout. Range: any whole number. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>How answers are found: labels (the most likely label) or generate (greedy text). Default: the task's, mostly labels.</summary>
    public EvaluationMode? Evaluation { get; init; }

    /// <summary>Epochs between evaluations. Range: at least 1. Default: 1 up to 50 epochs, 5 up to 200, else 25.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>Stop after so many evaluations without improvement. Range: at least 1. Default: all epochs run.</summary>
    public int? Patience { get; init; }

    /// <summary>Which state is released: best (by validation) or last. Default: best.</summary>
    public ReleasedState Release { get; init; }

    /// <summary>Score the test split at the end with what is released. Default: false.</summary>
    public bool Test { get; init; }

    /// <summary>Parent folder of the run directory; %u is the user's name. Range: any folder. Default: runs.</summary>
    public string SaveDir { get; init; } = "runs";

    /// <summary>Name of the run directory. Range: the name of a folder. Default: required.</summary>
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

using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Prompts;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Settings;

/// <summary>
/// Every setting of a training run, with its default. JSON keys are the property names in snake_case. Settings with a syntax of their own
/// (<see cref="PromptInit"/>, <see cref="Template"/>, <see cref="LabelWords"/>, <see cref="Encoding"/>) can be written as text; a malformed text
/// is kept unchanged. <see cref="Validate"/> reports it, and also checks ranges and rules between settings.
/// </summary>
public sealed record RunSpec
{
    private const int DefaultEpochs = 5; // the original's
    private readonly int? _epochs;

    /// <summary>A built-in task (listed by 'tasks list'), or the JSON file of a task. Default: none.</summary>
    public string? Task { get; init; }

    /// <summary>
    /// A folder with train, validation (val, dev) and test files as .jsonl, .csv, .tsv or .parquet (also .gz), one such file, or a data set of the
    /// hub such as aps/super_glue:boolq. Default: the task's data, bundled or of the hub.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>
    /// File of the training rows, in place of the data's own. Without data, the files of splits are all there is. Range: a .jsonl, .csv, .tsv or
    /// .parquet file (also .gz). Default: the data's training split.
    /// </summary>
    public string? Train { get; init; }

    /// <summary>
    /// File of the validation rows, in place of the data's own. Range: a .jsonl, .csv, .tsv or .parquet file (also .gz). Default: the data's
    /// validation split.
    /// </summary>
    public string? Validation { get; init; }

    /// <summary>
    /// File of the test rows, in place of the data's own. Range: a .jsonl, .csv, .tsv or .parquet file (also .gz). Default: the data's test split.
    /// </summary>
    public string? TestFile { get; init; }

    /// <summary>Encoding of text files: utf-8, utf-16, latin1, windows-1252, …. Default: utf-8.</summary>
    public TextEncoding Encoding { get; init; } = "utf-8";

    /// <summary>Revision of a data set of the hub: branch, tag or commit. Default: main.</summary>
    public string? DataRevision { get; init; }

    /// <summary>Definition of the task: none (corrected) or original (the original's texts, cut targets and scores). Default: none.</summary>
    public Compatibility Compat { get; init; }

    /// <summary>
    /// Text of an example, with fields of its row in braces: "review: {text}". Range: a text with at least one field. Default: the task's.
    /// </summary>
    public Template? Template { get; init; }

    /// <summary>Label values, each with its word: "0=negative,1=positive". Range: at least two pairs. Default: the task's.</summary>
    public LabelWords? LabelWords { get; init; }

    /// <summary>Field of the label. Range: a field of the rows. Default: the task's, or label.</summary>
    public string? LabelField { get; init; }

    /// <summary>
    /// Share of the training rows held out for validation when the data has no validation split, selected per class by split_seed; 0: no
    /// validation. Range: at least 0 and below 1. Default: 0.1.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.1;

    /// <summary>
    /// Seed that selects the rows held out for validation, and the halves of test_from_validation. Range: any whole number. Default: 0.
    /// </summary>
    public long SplitSeed { get; init; }

    /// <summary>Train on this many examples of each class, the same in every run. Range: at least 1. Default: all.</summary>
    public int? FewShot { get; init; }

    /// <summary>Seed that selects the examples of few_shot and validation_per_class. Range: any whole number. Default: 0.</summary>
    public long FewShotSeed { get; init; } = SplitOptions.DefaultFewShotSeed;

    /// <summary>
    /// Validate on this many examples of each class, or on this many groups for tasks with grouped examples such as multirc. Range: at least 1.
    /// Default: all.
    /// </summary>
    public int? ValidationPerClass { get; init; }

    /// <summary>Use the second half of the validation split as the test split. Default: false.</summary>
    public bool TestFromValidation { get; init; }

    /// <summary>
    /// Hold out validation_fraction of the training rows for validation and use the validation split as the test split, for data whose test split
    /// has no labels. Default: false.
    /// </summary>
    public bool ValidationFromTrain { get; init; }

    /// <summary>
    /// Maximum number of input tokens of an example, including the prompt; longer texts are cut in the task's long field. Range: at least
    /// prompt_length + 2. Default: 512.
    /// </summary>
    public int MaxInputLength { get; init; } = 512;

    /// <summary>
    /// The frozen T5: a bundled name (t5-nano), a Hugging Face folder, or a name on the hub such as google/t5-base-lm-adapt. Default: t5-base.
    /// </summary>
    public string Model { get; init; } = "t5-base";

    /// <summary>Revision of a model of the hub: branch, tag or commit. Default: main.</summary>
    public string? Revision { get; init; }

    /// <summary>Number of virtual tokens. Range: 1 to 10000. Default: 10.</summary>
    public int PromptLength { get; init; } = 10;

    /// <summary>
    /// Initial rows of the prompt: vocabulary[:N most common], uniform[:RANGE], text:"…", label-words, or file:PATH. Default: vocabulary.
    /// </summary>
    public PromptInit PromptInit { get; init; } = "vocabulary";

    /// <summary>Trained parameters: prompt (the T5 is frozen) or full (all weights of the T5, without a prompt). Default: prompt.</summary>
    public TuningMethod Method { get; init; }

    /// <summary>
    /// Also train every T5 weight whose name contains this word, such as layer_norm. Range: a part of a weight's name. Default: none.
    /// </summary>
    public string? TrainWeights { get; init; }

    /// <summary>
    /// Network that computes the prompt during training: none (prompt tuning), mlp (residual prompt tuning), mlp2, mlp2-tied, lstm, lstm1, lstm2 or
    /// transformer. Default: none.
    /// </summary>
    public Reparameterization Reparameterization { get; init; }

    /// <summary>False: omit the skip connection: the prompt is the network's output alone. Default: true.</summary>
    public bool Skip { get; init; } = true;

    /// <summary>Inner width of the network. Range: 1 to 1000000. Default: 800.</summary>
    public int BottleneckSize { get; init; } = 800;

    /// <summary>Inner width of the feed-forward layers of reparameterization transformer. Range: 1 to 1000000. Default: 2048.</summary>
    public int FeedForwardSize { get; init; } = 2048;

    /// <summary>Nonlinearity of the network: relu, tanh, sigmoid or gelu. Default: relu.</summary>
    public Nonlinearity Nonlinearity { get; init; }

    /// <summary>False: omit the LayerNorm at the end of the network. Default: true.</summary>
    public bool LayerNorm { get; init; } = true;

    /// <summary>Use a separate network for each row. Default: false.</summary>
    public bool SeparateNetworks { get; init; }

    /// <summary>
    /// Passes over the training data. With max_steps too, whichever comes first; with max_steps alone, no limit. Range: 1 to 1000000. Default: 5.
    /// </summary>
    public int? Epochs
    {
        get => _epochs ?? (MaxSteps is null ? DefaultEpochs : null);
        init => _epochs = value;
    }

    /// <summary>
    /// Updates until the run ends, also in the middle of an epoch; the last one is evaluated. Range: at least 1. Default: the epochs decide.
    /// </summary>
    public long? MaxSteps { get; init; }

    /// <summary>Examples per forward pass. Range: 1 to 65536. Default: 8.</summary>
    public int BatchSize { get; init; } = 8;

    /// <summary>Forward passes per update; equal to one larger batch. Range: 1 to 65536. Default: 1.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>
    /// Keep only the input of each encoder block and recompute the block for its gradient: a fraction of the memory, a third more time. Default:
    /// false.
    /// </summary>
    public bool GradientCheckpointing { get; init; }

    /// <summary>Learning rate. Range: above 0. Default: 0.3; 0.0003 with method full.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Learning rate of the network. Range: above 0. Default: the prompt's.</summary>
    public double? NetworkLearningRate { get; init; }

    /// <summary>Update rule: original-adamw, adamw (torch's) or adafactor. Default: original-adamw.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Learning rate schedule: constant, linear or cosine (both decay to 0). Default: constant.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Steps of the linear learning rate warm-up. Range: at least 0. Default: 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>
    /// Weight decay of all trained parameters, relative to the learning rate. Range: at least 0 and below 1 / learning_rate. Default: 1E-05.
    /// </summary>
    public double WeightDecay { get; init; } = 1e-5;

    /// <summary>Maximum L2 norm of the gradients; larger gradients are scaled down. Range: above 0. Default: off.</summary>
    public double? Clip { get; init; }

    /// <summary>
    /// Dropout rate of the backbone during training; evaluation has no dropout. Range: at least 0 and below 1. Default: dropout_rate of the model's
    /// config.
    /// </summary>
    public double? Dropout { get; init; }

    /// <summary>Dropout rate inside the network during training. Range: at least 0 and below 1. Default: 0.</summary>
    public double NetworkDropout { get; init; }

    /// <summary>False: keep the order of the data instead of shuffling it each epoch. Default: true.</summary>
    public bool Shuffle { get; init; } = true;

    /// <summary>Seed of initialization, order and dropout. Range: any whole number. Default: 0.</summary>
    public long Seed { get; init; }

    /// <summary>How answers are found: labels (the most likely label) or generate (greedy text). Default: the task's, usually labels.</summary>
    public EvaluationMode? Evaluation { get; init; }

    /// <summary>Epochs between evaluations. Range: at least 1. Default: 1 up to 50 epochs, 5 up to 200, else 25.</summary>
    public int? EvaluateEvery { get; init; }

    /// <summary>
    /// Steps between evaluations, in place of evaluate_every; the last step is always evaluated. Range: at least 1. Default: by epochs.
    /// </summary>
    public long? EvaluateEverySteps { get; init; }

    /// <summary>Stop after this many evaluations without improvement. Range: at least 1. Default: train all epochs.</summary>
    public int? Patience { get; init; }

    /// <summary>Released state: best (by validation) or last. Default: best.</summary>
    public ReleasedState Release { get; init; }

    /// <summary>Score the test split with the released state at the end. Default: false.</summary>
    public bool Test { get; init; }

    /// <summary>
    /// Steps between checkpoints, from which a killed run continues. Range: at least 1. Default: a checkpoint after each epoch and every five
    /// minutes.
    /// </summary>
    public long? CheckpointEverySteps { get; init; }

    /// <summary>
    /// Keep the checkpoint of a finished run that trained weights of the T5 (16 bytes a weight), so that it can become longer; that of a prompt
    /// always stays. Default: false.
    /// </summary>
    public bool KeepCheckpoint { get; init; }

    /// <summary>Parent folder of the run directory; %u is the user's name. Range: any folder. Default: runs.</summary>
    public string SaveDir { get; init; } = "runs";

    /// <summary>Name of the run directory. Range: the name of a folder. Default: required.</summary>
    public string? SaveName { get; init; }

    /// <summary>The task's name; null when template and label words define the task.</summary>
    internal string? NamedTask => Template is not null && LabelWords is not null ? null : Task;

    /// <summary>
    /// Whether the held-out rows follow <see cref="Seed"/>, as in records without split_seed; such a run keeps its rows for as long as it lives.
    /// </summary>
    internal bool SplitsBySeed { get; init; }

    /// <summary>The seed of the held-out rows in force.</summary>
    internal long SplitSeedInForce => SplitsBySeed ? Seed : SplitSeed;

    /// <summary>The files of single splits.</summary>
    internal IReadOnlyDictionary<DataSplit, string> SplitFiles => new (DataSplit Split, string? File)[]
    {
        (DataSplit.Train, Train), (DataSplit.Validation, Validation), (DataSplit.Test, TestFile),
    }.Where(pair => pair.File is not null).ToDictionary(pair => pair.Split, pair => pair.File!);

    /// <summary>Whether a data set is read, named or the task's own. A file of training rows without data stands alone.</summary>
    internal bool ReadsDataSet => Data is not null || Train is null;

    /// <summary>The run directory.</summary>
    internal string Directory => Path.Combine(SaveDir.Replace("%u", Environment.UserName, StringComparison.Ordinal), SaveName ?? "");

    /// <summary>Learning rate in force.</summary>
    internal double LearningRateInForce => LearningRate ?? (Method == TuningMethod.Full ? 3e-4 : 0.3);

    /// <summary>Whether weights of the T5 train.</summary>
    internal bool TrainsWeights => Method == TuningMethod.Full || TrainWeights is not null;

    /// <summary>Whether the checkpoint of the finished run stays.</summary>
    internal bool KeepsCheckpoint => KeepCheckpoint || !TrainsWeights;

    /// <summary>Virtual tokens before each example.</summary>
    internal int VirtualTokenCount => Method == TuningMethod.Full ? 0 : PromptLength;

    /// <summary>Updates of one pass over the training data.</summary>
    internal int StepsPerEpoch(int trainCount) => (trainCount + (BatchSize * Accumulation) - 1) / (BatchSize * Accumulation);

    /// <summary>All problems of the settings themselves; files are checked later.</summary>
    public IReadOnlyList<RunProblem> Validate() => RunSpecValidator.Check(this);

    /// <summary>Whether every setting in force is equal.</summary>
    /// <param name="other">The other settings.</param>
    public bool Equals(RunSpec? other) => other is not null
        && RunSpecProperty.All.All(setting => Equals(setting.Property.GetValue(this), setting.Property.GetValue(other)));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Task, Data, Model, Epochs, MaxSteps, Seed, SaveDir, SaveName);

    /// <summary>The same for a run with a given task and rows; it needs no name and then writes nothing.</summary>
    internal IReadOnlyList<RunProblem> ValidateForRows() => RunSpecValidator.CheckForRows(this);
}

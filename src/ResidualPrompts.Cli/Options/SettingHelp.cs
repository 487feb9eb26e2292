using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Options;

/// <summary>Help text of one setting of a run, and its option.</summary>
internal sealed class SettingHelp
{
    private const string Data = "Data";
    private const string ModelAndPrompt = "Model and prompt";
    private const string Training = "Training";
    private const string Evaluation = "Evaluation";
    private const string Run = "Run";
    private const string SplitFileKinds = "a .jsonl, .csv, .tsv or .parquet file (also .gz)";

    private SettingHelp(string property, string group, string? placeholder, string text, string range, string fallback)
    {
        Setting = RunSpecProperty.Named(property);
        (Group, Placeholder, Text, Range, Default) = (group, placeholder, text, range, fallback);
    }

    /// <summary>All settings, in the order in which help shows them.</summary>
    internal static IReadOnlyList<SettingHelp> All { get; } =
    [
        Within(nameof(RunSpec.Task), Data, "NAME|FILE", "", "A built-in task (listed by 'tasks list'), or the JSON file of a task", "none"),
        Within(nameof(RunSpec.Data), Data, "DIR|FILE|NAME[:CONFIG]",
            "",
            "A folder with train, validation (val, dev) and test files as .jsonl, .csv, .tsv or .parquet (also .gz), one such "
                + "file, or a data set of the hub such as aps/super_glue:boolq",
            "the task's data, bundled or of the hub"),
        Beside(nameof(RunSpec.Train), Data, "FILE",
            "File of the training rows, in place of the data's own. Without data, the files of splits are all there is.",
            SplitFileKinds,
            "the data's training split"),
        Beside(nameof(RunSpec.Validation), Data, "FILE",
            "File of the validation rows, in place of the data's own.", SplitFileKinds, "the data's validation split"),
        Beside(nameof(RunSpec.TestFile), Data, "FILE",
            "File of the test rows, in place of the data's own.", SplitFileKinds, "the data's test split"),
        Within(nameof(RunSpec.Encoding), Data, "NAME", "Encoding of text files: ", "utf-8, utf-16, latin1, windows-1252, …", "utf-8"),
        Within(nameof(RunSpec.DataRevision), Data, "REV", "Revision of a data set of the hub: ", "branch, tag or commit", "main"),
        Within(nameof(RunSpec.Compat), Data, "WHOSE",
            "Definition of the task: ",
            "none (corrected) or original (the original's texts, cut targets and scores)",
            "none"),
        Beside(nameof(RunSpec.Template), Data, "TEXT",
            "Text of an example, with fields of its row in braces: \"review: {text}\".",
            "a text with at least one field",
            "the task's"),
        Beside(nameof(RunSpec.LabelWords), Data, "V=WORD,…",
            "Label values, each with its word: \"0=negative,1=positive\".",
            "at least two pairs",
            "the task's"),
        Beside(nameof(RunSpec.LabelField), Data, "NAME", "Field of the label.", "a field of the rows", "the task's, or label"),
        Beside(nameof(RunSpec.ValidationFraction), Data, "FRACTION",
            "Share of the training rows held out for validation when the data has no validation split, selected per class by "
                + "split_seed; 0: no validation.",
            "at least 0 and below 1",
            "0.1"),
        Beside(nameof(RunSpec.SplitSeed), Data, "N",
            "Seed that selects the rows held out for validation, and the halves of test_from_validation.",
            "any whole number",
            "0"),
        Beside(nameof(RunSpec.FewShot), Data, "N", "Train on this many examples of each class, the same in every run.", "at least 1", "all"),
        Beside(nameof(RunSpec.FewShotSeed), Data, "N",
            "Seed that selects the examples of few_shot and validation_per_class.",
            "any whole number",
            "0"),
        Beside(nameof(RunSpec.ValidationPerClass), Data, "N",
            "Validate on this many examples of each class, or on this many groups for tasks with grouped examples such as multirc.",
            "at least 1",
            "all"),
        Flag(nameof(RunSpec.TestFromValidation), Data, "Use the second half of the validation split as the test split."),
        Flag(nameof(RunSpec.ValidationFromTrain), Data,
            "Hold out validation_fraction of the training rows for validation and use the validation split as the test split, "
                + "for data whose test split has no labels."),
        Beside(nameof(RunSpec.MaxInputLength), Data, "TOKENS",
            "Maximum number of input tokens of an example, including the prompt; longer texts are cut in the task's long field.",
            "at least prompt_length + 2",
            "512"),

        Within(nameof(RunSpec.Model), ModelAndPrompt, "NAME|DIR",
            "The frozen T5: ",
            "a bundled name (t5-nano), a Hugging Face folder, or a name on the hub such as google/t5-base-lm-adapt",
            "t5-base"),
        Within(nameof(RunSpec.Revision), ModelAndPrompt, "REV", "Revision of a model of the hub: ", "branch, tag or commit", "main"),
        Beside(nameof(RunSpec.PromptLength), ModelAndPrompt, "N", "Number of virtual tokens.", "1 to 10000", "10"),
        Within(nameof(RunSpec.PromptInit), ModelAndPrompt, "HOW",
            "Initial rows of the prompt: ",
            "vocabulary[:N most common], uniform[:RANGE], text:\"…\", label-words, or file:PATH",
            "vocabulary"),
        Within(nameof(RunSpec.Method), ModelAndPrompt, "WHAT",
            "Trained parameters: ",
            "prompt (the T5 is frozen) or full (all weights of the T5, without a prompt)",
            "prompt"),
        Beside(nameof(RunSpec.TrainWeights), ModelAndPrompt, "WORD",
            "Also train every T5 weight whose name contains this word, such as layer_norm.",
            "a part of a weight's name",
            "none"),
        Within(nameof(RunSpec.Reparameterization), ModelAndPrompt, "KIND",
            "Network that computes the prompt during training: ",
            "none (prompt tuning), mlp (residual prompt tuning), mlp2, mlp2-tied, lstm, lstm1, lstm2 or transformer",
            "none"),
        Flag(nameof(RunSpec.Skip), ModelAndPrompt, "Omit the skip connection: the prompt is the network's output alone."),
        Beside(nameof(RunSpec.BottleneckSize), ModelAndPrompt, "N", "Inner width of the network.", "1 to 1000000", "800"),
        Beside(nameof(RunSpec.FeedForwardSize), ModelAndPrompt, "N",
            "Inner width of the feed-forward layers of reparameterization transformer.",
            "1 to 1000000",
            "2048"),
        Within(nameof(RunSpec.Nonlinearity), ModelAndPrompt, "NAME", "Nonlinearity of the network: ", "relu, tanh, sigmoid or gelu", "relu"),
        Flag(nameof(RunSpec.LayerNorm), ModelAndPrompt, "Omit the LayerNorm at the end of the network."),
        Flag(nameof(RunSpec.SeparateNetworks), ModelAndPrompt, "Use a separate network for each row."),

        Beside(nameof(RunSpec.Epochs), Training, "N",
            "Passes over the training data. With max_steps too, whichever comes first; with max_steps alone, no limit.",
            "1 to 1000000",
            "5"),
        Beside(nameof(RunSpec.MaxSteps), Training, "N",
            "Updates until the run ends, also in the middle of an epoch; the last one is evaluated.",
            "at least 1",
            "the epochs decide"),
        Beside(nameof(RunSpec.BatchSize), Training, "N", "Examples per forward pass.", "1 to 65536", "8"),
        Beside(nameof(RunSpec.Accumulation), Training, "N",
            "Forward passes per update; equal to one larger batch.",
            "1 to 65536",
            "1"),
        Flag(nameof(RunSpec.GradientCheckpointing), Training,
            "Keep only the input of each encoder block and recompute the block for its gradient: a fraction of the memory, a "
                + "third more time."),
        Beside(nameof(RunSpec.LearningRate), Training, "RATE", "Learning rate.", "above 0", "0.3; 0.0003 with --method full"),
        Beside(nameof(RunSpec.NetworkLearningRate), Training, "RATE", "Learning rate of the network.", "above 0", "the prompt's"),
        Within(nameof(RunSpec.Optimizer), Training, "RULE", "Update rule: ", "original-adamw, adamw (torch's) or adafactor", "original-adamw"),
        Within(nameof(RunSpec.Schedule), Training, "KIND",
            "Learning rate schedule: ",
            "constant, linear or cosine (both decay to 0)",
            "constant"),
        Beside(nameof(RunSpec.WarmupSteps), Training, "STEPS", "Steps of the linear learning rate warm-up.", "at least 0", "0"),
        Beside(nameof(RunSpec.WeightDecay), Training, "RATE",
            "Weight decay of all trained parameters, relative to the learning rate.",
            "at least 0 and below 1 / learning_rate",
            "1E-05"),
        Beside(nameof(RunSpec.Clip), Training, "NORM", "Maximum L2 norm of the gradients; larger gradients are scaled down.", "above 0", "off"),
        Beside(nameof(RunSpec.Dropout), Training, "FRACTION",
            "Dropout rate of the backbone during training; evaluation has no dropout.",
            "at least 0 and below 1",
            "dropout_rate of the model's config"),
        Beside(nameof(RunSpec.NetworkDropout), Training, "FRACTION",
            "Dropout rate inside the network during training.",
            "at least 0 and below 1",
            "0"),
        Flag(nameof(RunSpec.Shuffle), Training, "Keep the order of the data instead of shuffling it each epoch."),
        Beside(nameof(RunSpec.Seed), Training, "N", "Seed of initialization, order and dropout.", "any whole number", "0"),

        Within(nameof(RunSpec.Evaluation), Evaluation, "HOW",
            "How answers are found: ",
            "labels (the most likely label) or generate (greedy text)",
            "the task's, usually labels"),
        Beside(nameof(RunSpec.EvaluateEvery), Evaluation, "N",
            "Epochs between evaluations.",
            "at least 1",
            "1 up to 50 epochs, 5 up to 200, else 25"),
        InSteps(nameof(RunSpec.EvaluateEverySteps), Evaluation, "--evaluate-every",
            "Steps between evaluations, in place of evaluate_every; the last step is always evaluated.",
            "by epochs"),
        Beside(nameof(RunSpec.Patience), Evaluation, "N", "Stop after this many evaluations without improvement.", "at least 1", "train all epochs"),
        Within(nameof(RunSpec.Release), Evaluation, "WHICH", "Released state: ", "best (by validation) or last", "best"),
        Flag(nameof(RunSpec.Test), Evaluation, "Score the test split with the released state at the end."),

        InSteps(nameof(RunSpec.CheckpointEverySteps), Run, "--checkpoint-every",
            "Steps between checkpoints, from which a killed run continues.",
            "a checkpoint after each epoch and every five minutes"),
        Flag(nameof(RunSpec.KeepCheckpoint), Run,
            "Keep the checkpoint of a finished run that trained weights of the T5 (16 bytes a weight), so that it can become longer; that of a "
                + "prompt always stays."),
        Beside(nameof(RunSpec.SaveDir), Run, "DIR", "Parent folder of the run directory; %u is the user's name.", "any folder", "runs"),
        Beside(nameof(RunSpec.SaveName), Run, "NAME", "Name of the run directory.", "the name of a folder", "required"),
    ];

    internal RunSpecProperty Setting { get; }

    /// <summary>Heading under which help shows the setting.</summary>
    internal string Group { get; }

    /// <summary>Placeholder of the value, which also names its unit; null for a flag, which takes no value.</summary>
    internal string? Placeholder { get; }

    /// <summary>What the setting does, for a flag what giving it does.</summary>
    internal string Text { get; }

    /// <summary>The valid values.</summary>
    internal string Range { get; }

    /// <summary>The default value, in words.</summary>
    internal string Default { get; }

    /// <summary>What follows the number in the option's value; settings in other units share the option. Null = nothing.</summary>
    internal string? Unit { get; private init; }

    private string? SharedName { get; init; }

    /// <summary>The option's name; an option that switches something off begins with <c>--no-</c>.</summary>
    internal string OptionName => SharedName ?? $"{(Setting.IsFlag && Setting.IsOnByDefault ? "--no-" : "--")}{Setting.Key.Replace('_', '-')}";

    /// <summary>The complete text that help shows.</summary>
    internal string Sentence =>
        Setting.IsFlag ? Text : $"{Text}{(Text.Contains(Range, StringComparison.Ordinal) ? "" : $" Range: {Range}.")} Default: {Default}.";

    /// <summary>The number in a value of the option, if the value is in this setting's unit; else null.</summary>
    internal string? NumberIn(string text) => Unit is null
        ? All.FirstOrDefault(help => help.Unit is not null && help.OptionName == OptionName)?.NumberIn(text) is null ? text : null
        : text.EndsWith(Unit, StringComparison.Ordinal) ? text[..^Unit.Length].TrimEnd() : null;

    /// <summary>The option for a key, or null if no setting has that key.</summary>
    internal static string? OptionNameOf(string key) => All.FirstOrDefault(help => help.Setting.Key == key)?.OptionName;

    /// <summary>A setting whose text ends with its valid values.</summary>
    private static SettingHelp Within(string property, string group, string placeholder, string start, string range, string fallback) =>
        new(property, group, placeholder, $"{start}{range}.", range, fallback);

    /// <summary>A setting whose range follows its text.</summary>
    private static SettingHelp Beside(string property, string group, string placeholder, string text, string range, string fallback) =>
        new(property, group, placeholder, text, range, fallback);

    /// <summary>A number of steps, written as <c>200steps</c>.</summary>
    private static SettingHelp InSteps(string property, string group, string option, string text, string fallback) =>
        new(property, group, "Nsteps", text, "at least 1", fallback) { SharedName = option, Unit = "steps" };

    private static SettingHelp Flag(string property, string group, string text) => new(property, group, null, text, "given or not", "not given");
}

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

    private SettingHelp(string property, string group, string? placeholder, string text, string range, string fallback)
    {
        Setting = RunSpecProperty.Named(property);
        (Group, Placeholder, Text, Range, Default) = (group, placeholder, text, range, fallback);
    }

    /// <summary>All settings, in the order in which help shows them.</summary>
    internal static IReadOnlyList<SettingHelp> All { get; } =
    [
        Within(nameof(RunSpec.Task), Data, "NAME|FILE", "", "A built-in task ('tasks list' shows them), or the JSON file of your own", "none"),
        Within(nameof(RunSpec.Data), Data, "DIR|FILE|NAME[:CONFIG]",
            "",
            "A folder with train, validation (val, dev) and test as .jsonl, .csv, .tsv or .parquet, also .gz, one such "
                + "file, or a data set of the hub such as aps/super_glue:boolq",
            "the task's own, bundled or of the hub"),
        Within(nameof(RunSpec.Encoding), Data, "NAME", "Encoding of text files: ", "utf-8, utf-16, latin1, windows-1252, …", "utf-8"),
        Within(nameof(RunSpec.DataRevision), Data, "REV", "Of a data set of the hub: ", "branch, tag or commit", "main"),
        Within(nameof(RunSpec.Compat), Data, "WHOSE",
            "Whose definition of the task: ",
            "none (its own, repaired) or original (the original's texts, cut targets and scores)",
            "none"),
        Beside(nameof(RunSpec.Template), Data, "TEXT",
            "Text of an example, with fields of its row in braces: \"review: {text}\".",
            "a text with at least one field",
            "the task's"),
        Beside(nameof(RunSpec.LabelWords), Data, "V=WORD,…",
            "Label values and the word that stands for each: \"0=negative,1=positive\".",
            "at least two pairs",
            "the task's"),
        Beside(nameof(RunSpec.LabelField), Data, "NAME", "Field of the label.", "a field of the rows", "the task's, or label"),
        Beside(nameof(RunSpec.ValidationFraction), Data, "FRACTION",
            "Share of the rows that validate when the data has no validation split, drawn by class and seed; 0: no validation.",
            "at least 0 and below 1",
            "0.1"),
        Beside(nameof(RunSpec.FewShot), Data, "N", "Train on so many examples of each class, the same in every run.", "at least 1", "all"),
        Beside(nameof(RunSpec.FewShotSeed), Data, "N",
            "Which examples few_shot and validation_per_class choose; another number, other examples.",
            "any whole number",
            "0"),
        Beside(nameof(RunSpec.ValidationPerClass), Data, "N",
            "Validate on so many examples of each class; where examples belong together, as in multirc, on so many groups.",
            "at least 1",
            "all"),
        Flag(nameof(RunSpec.TestFromValidation), Data, "Use the second half of the validation split as test split."),
        Flag(nameof(RunSpec.ValidationFromTrain), Data,
            "Hold validation_fraction of the training rows out for validation and use the validation split as test split, "
                + "where the test split has no labels."),
        Beside(nameof(RunSpec.MaxInputLength), Data, "TOKENS",
            "Input tokens of an example, the prompt's included; of a longer text the task's long field is cut.",
            "at least prompt_length + 2",
            "512"),

        Within(nameof(RunSpec.Model), ModelAndPrompt, "NAME|DIR",
            "The frozen T5: ",
            "a bundled name (t5-nano), a Hugging Face folder, or a name on the hub such as google/t5-base-lm-adapt",
            "t5-base"),
        Within(nameof(RunSpec.Revision), ModelAndPrompt, "REV", "Of a model of the hub: ", "branch, tag or commit", "main"),
        Beside(nameof(RunSpec.PromptLength), ModelAndPrompt, "N", "Virtual tokens.", "1 to 10000", "10"),
        Within(nameof(RunSpec.PromptInit), ModelAndPrompt, "HOW",
            "Start rows: ",
            "vocabulary[:N most common], uniform[:RANGE], text:\"…\", label-words, or file:PATH",
            "vocabulary"),
        Within(nameof(RunSpec.Method), ModelAndPrompt, "WHAT",
            "What trains: ",
            "prompt (the T5 is frozen) or full (all weights of the T5, and there is no prompt)",
            "prompt"),
        Beside(nameof(RunSpec.TrainWeights), ModelAndPrompt, "WORD",
            "Train also every T5 weight whose name contains this word, such as layer_norm.",
            "a part of a weight's name",
            "none"),
        Within(nameof(RunSpec.Reparameterization), ModelAndPrompt, "KIND",
            "The network that makes the prompt while it trains: ",
            "none (prompt tuning), mlp (residual prompt tuning), mlp2, mlp2-tied, lstm, lstm1, lstm2 or transformer",
            "none"),
        Flag(nameof(RunSpec.Skip), ModelAndPrompt, "Leave out the skip connection: the prompt is the network's output alone."),
        Beside(nameof(RunSpec.BottleneckSize), ModelAndPrompt, "N", "Inner width of the network.", "1 to 1000000", "800"),
        Beside(nameof(RunSpec.FeedForwardSize), ModelAndPrompt, "N",
            "Inner width of the feed-forward layers of reparameterization transformer.",
            "1 to 1000000",
            "2048"),
        Within(nameof(RunSpec.Nonlinearity), ModelAndPrompt, "NAME", "Nonlinearity of the network: ", "relu, tanh, sigmoid or gelu", "relu"),
        Flag(nameof(RunSpec.LayerNorm), ModelAndPrompt, "Leave out the LayerNorm at the network's end."),
        Flag(nameof(RunSpec.SeparateNetworks), ModelAndPrompt, "A network of its own for each row."),

        Beside(nameof(RunSpec.Epochs), Training, "N", "Passes over the training data.", "1 to 1000000", "5"),
        Beside(nameof(RunSpec.BatchSize), Training, "N", "Examples of one forward pass.", "1 to 65536", "8"),
        Beside(nameof(RunSpec.Accumulation), Training, "N",
            "Forward passes whose gradients make one update; equal to one larger batch.",
            "1 to 65536",
            "1"),
        Flag(nameof(RunSpec.GradientCheckpointing), Training,
            "Keep only what goes into each encoder block and compute the block again for its gradient: a fraction of the "
                + "memory, a third more time."),
        Beside(nameof(RunSpec.LearningRate), Training, "RATE", "Learning rate.", "above 0", "0.3; 0.0003 with --method full"),
        Beside(nameof(RunSpec.NetworkLearningRate), Training, "RATE", "Learning rate of the network.", "above 0", "the prompt's"),
        Within(nameof(RunSpec.Optimizer), Training, "RULE", "Update rule: ", "original-adamw, adamw (torch's) or adafactor", "original-adamw"),
        Within(nameof(RunSpec.Schedule), Training, "KIND",
            "How the learning rate goes over the steps: ",
            "constant, linear or cosine (both down to 0)",
            "constant"),
        Beside(nameof(RunSpec.WarmupSteps), Training, "STEPS", "Steps over which the learning rate rises at the start.", "at least 0", "0"),
        Beside(nameof(RunSpec.WeightDecay), Training, "RATE",
            "Weight decay of all that trains, relative to the learning rate.",
            "at least 0 and below 1 / learning_rate",
            "1E-05"),
        Beside(nameof(RunSpec.Clip), Training, "NORM", "Scale gradients down to this L2 norm when theirs is larger.", "above 0", "off"),
        Beside(nameof(RunSpec.Dropout), Training, "FRACTION",
            "Dropout rate of the backbone while training; never in evaluation.",
            "at least 0 and below 1",
            "dropout_rate of the model's config"),
        Beside(nameof(RunSpec.NetworkDropout), Training, "FRACTION",
            "Dropout rate inside the network while training.",
            "at least 0 and below 1",
            "0"),
        Flag(nameof(RunSpec.Shuffle), Training, "Keep the order of the data instead of a new order each epoch."),
        Beside(nameof(RunSpec.Seed), Training, "N", "Rules initialization, order and dropout.", "any whole number", "0"),

        Within(nameof(RunSpec.Evaluation), Evaluation, "HOW",
            "How answers are found: ",
            "labels (the most likely label) or generate (greedy text)",
            "the task's, mostly labels"),
        Beside(nameof(RunSpec.EvaluateEvery), Evaluation, "N",
            "Epochs between evaluations.",
            "at least 1",
            "1 up to 50 epochs, 5 up to 200, else 25"),
        Beside(nameof(RunSpec.Patience), Evaluation, "N", "Stop after so many evaluations without improvement.", "at least 1", "all epochs run"),
        Within(nameof(RunSpec.Release), Evaluation, "WHICH", "Which state is released: ", "best (by validation) or last", "best"),
        Flag(nameof(RunSpec.Test), Evaluation, "Score the test split at the end with what is released."),

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

    /// <summary>The option's name; an option that switches something off begins with <c>--no-</c>.</summary>
    internal string OptionName => $"{(Setting.IsFlag && Setting.IsOnByDefault ? "--no-" : "--")}{Setting.Key.Replace('_', '-')}";

    /// <summary>The complete text that help shows.</summary>
    internal string Sentence =>
        Setting.IsFlag ? Text : $"{Text}{(Text.Contains(Range, StringComparison.Ordinal) ? "" : $" Range: {Range}.")} Default: {Default}.";

    /// <summary>The option for a key, or null if no setting has that key.</summary>
    internal static string? OptionNameOf(string key) => All.FirstOrDefault(help => help.Setting.Key == key)?.OptionName;

    /// <summary>A setting whose text ends with its valid values.</summary>
    private static SettingHelp Within(string property, string group, string placeholder, string start, string range, string fallback) =>
        new(property, group, placeholder, $"{start}{range}.", range, fallback);

    /// <summary>A setting whose range follows its text.</summary>
    private static SettingHelp Beside(string property, string group, string placeholder, string text, string range, string fallback) =>
        new(property, group, placeholder, text, range, fallback);

    private static SettingHelp Flag(string property, string group, string text) => new(property, group, null, text, "given or not", "not given");
}

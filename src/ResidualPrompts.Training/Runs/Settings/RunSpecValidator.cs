using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Settings;

/// <summary>Ranges of settings and rules between them.</summary>
internal static class RunSpecValidator
{
    private static readonly string[] OfTaskAndData =
        ["task", "data", "train", "validation", "test_file", "encoding", "data_revision", "compat", "template", "label_words", "label_field"];

    internal static IReadOnlyList<RunProblem> Check(RunSpec spec)
    {
        var problems = new List<RunProblem>();
        void Require(bool holds, string key, object? value, string expected)
        {
            if (holds)
                return;
            var shown = value is null ? "missing" : ShownText.Value(Convert.ToString(value, CultureInfo.InvariantCulture));
            problems.Add(new RunProblem(key, $"is {(shown.Length == 0 ? "empty" : shown)}, expected {expected}"));
        }

        Require(spec.SaveName is not null && IsFolderName(spec.SaveName), "save_name", spec.SaveName, "the name of a folder");
        Require(spec.SaveDir.Length > 0, "save_dir", "empty", "a folder");
        Require(!File.Exists(spec.SaveDir), "save_dir", $"the file {spec.SaveDir}", "a folder");
        Require(spec.SaveName is null || !File.Exists(spec.Directory), "save_name", $"the file {spec.SaveName}", "the name of a folder");
        Require(spec.Task is not null || spec.Data is not null || spec.Train is not null, "task", null, "a task, or data of your own");
        Require(
            spec.Template is null || spec.Data is not null || spec.Train is not null || (spec.Task is not null && spec.LabelWords is null),
            "data", null, "data for a template with label words of your own");
        Require(spec.Encoding.Exists, "encoding", spec.Encoding, "the name of an encoding, such as utf-8, utf-16, latin1 or windows-1252");
        Require(spec.ValidationFraction is >= 0 and < 1, "validation_fraction", spec.ValidationFraction, "at least 0 and below 1");
        Require(spec.FewShot is null or >= 1, "few_shot", spec.FewShot, "at least 1");
        Require(
            !spec.ValidationFromTrain || !spec.TestFromValidation,
            "validation_from_train", "given", "not with test_from_validation, which divides the validation split instead");
        Require(
            !spec.ValidationFromTrain || spec.ValidationFraction > 0,
            "validation_fraction", spec.ValidationFraction, "above 0 with validation_from_train");
        Require(
            spec.TestFile is null || !(spec.TestFromValidation || spec.ValidationFromTrain),
            "test_file", spec.TestFile, $"none with {(spec.TestFromValidation ? "test_from_validation" : "validation_from_train")}, "
                + "which takes the test rows from the validation split");
        Require(
            spec.Compat == Compatibility.None || (spec.Template is null && spec.LabelWords is null),
            "compat", "original", "none with template or label_words: the original has its own");
        Require(spec.ValidationPerClass is null or >= 1, "validation_per_class", spec.ValidationPerClass, "at least 1");
        Require(spec.PromptLength is >= 1 and <= 10_000, "prompt_length", spec.PromptLength, "1 to 10000");
        Require(
            spec.MaxInputLength >= spec.VirtualTokenCount + 2,
            "max_input_length",
            spec.MaxInputLength,
            spec.VirtualTokenCount == 0 ? "at least 2, for a token and </s>" : string.Create(
                CultureInfo.InvariantCulture, $"at least prompt_length + 2 = {spec.PromptLength + 2}, for a token and </s>"));
        Require(spec.BottleneckSize is >= 1 and <= 1_000_000, "bottleneck_size", spec.BottleneckSize, "1 to 1000000");
        Require(spec.Epochs is null or (>= 1 and <= 1_000_000), "epochs", spec.Epochs, "1 to 1000000");
        Require(spec.MaxSteps is null or >= 1, "max_steps", spec.MaxSteps, "at least 1");
        Require(spec.BatchSize is >= 1 and <= 65_536, "batch_size", spec.BatchSize, "1 to 65536");
        Require(spec.Accumulation is >= 1 and <= 65_536, "accumulation", spec.Accumulation, "1 to 65536");
        Require(IsPositive(spec.LearningRateInForce), "learning_rate", spec.LearningRate, "a number above 0");
        Require(
            spec.NetworkLearningRate is null || IsPositive(spec.NetworkLearningRate.Value),
            "network_learning_rate", spec.NetworkLearningRate, "a number above 0");
        Require(spec.WeightDecay >= 0, "weight_decay", spec.WeightDecay, "at least 0");
        RequireStableDecay(spec, Require);
        Require(spec.WarmupSteps >= 0, "warmup_steps", spec.WarmupSteps, "at least 0");
        Require(spec.FeedForwardSize is >= 1 and <= 1_000_000, "feed_forward_size", spec.FeedForwardSize, "1 to 1000000");
        Require(spec.Clip is null || IsPositive(spec.Clip.Value), "clip", spec.Clip, "a number above 0");
        Require(spec.Dropout is null or (>= 0 and < 1), "dropout", spec.Dropout, "at least 0 and below 1");
        Require(spec.NetworkDropout is >= 0 and < 1, "network_dropout", spec.NetworkDropout, "at least 0 and below 1");
        Require(spec.EvaluateEvery is null or >= 1, "evaluate_every", spec.EvaluateEvery, "at least 1");
        Require(spec.EvaluateEverySteps is null or >= 1, "evaluate_every_steps", spec.EvaluateEverySteps, "at least 1");
        Require(spec.EvaluateEverySteps is null || spec.EvaluateEvery is null, "evaluate_every_steps", spec.EvaluateEverySteps,
            "no value together with evaluate_every, which counts epochs");
        Require(spec.CheckpointEverySteps is null or >= 1, "checkpoint_every_steps", spec.CheckpointEverySteps, "at least 1");
        Require(spec.Patience is null or >= 1, "patience", spec.Patience, "at least 1");
        if (spec.PromptInit.Problem is { } badStart)
            problems.Add(new RunProblem("prompt_init", badStart));
        if (spec.Template?.Problem is { } badTemplate)
            problems.Add(new RunProblem("template", $"\"{ShownText.Value(spec.Template.ToString())}\": {badTemplate}"));
        if (spec.LabelWords?.Problem is { } badWords)
        {
            problems.Add(new RunProblem(
                "label_words", $"\"{ShownText.Value(spec.LabelWords.ToString())}\": {badWords}. "
                    + $"Expected VALUE=WORD pairs such as \"0=negative,1=positive\""));
        }

        return problems;
    }

    /// <summary>When task and rows are given, no setting may describe them.</summary>
    internal static IReadOnlyList<RunProblem> CheckForRows(RunSpec spec)
    {
        var (json, defaults) = (RunSpecJson.WriteAll(spec), RunSpecJson.WriteAll(new RunSpec()));
        var given = OfTaskAndData.Where(key => !JsonNode.DeepEquals(json[key], defaults[key]))
            .Select(key => new RunProblem(key, $"is {ShownText.Value(json[key]?.ToJsonString())}, expected no value with a given task and rows"));
        var bare = spec with
        {
            Task = "given",
            Data = null,
            Train = null,
            Validation = null,
            TestFile = null,
            Template = null,
            LabelWords = null,
            LabelField = null,
            Compat = Compatibility.None,
            SaveName = spec.SaveName ?? "none",
        };
        return [.. given, .. Check(bare)];
    }

    /// <summary>
    /// A step shrinks weights by learning rate × weight decay, so their product must be below 1. The setting that was given is named.
    /// </summary>
    private static void RequireStableDecay(RunSpec spec, Action<bool, string, object?, string> require)
    {
        if (spec.WeightDecay * spec.LearningRateInForce is not >= 1)
            return;
        if (spec.WeightDecay.Equals(new RunSpec().WeightDecay))
        {
            var limit = (1 / spec.WeightDecay).ToString("G6", CultureInfo.InvariantCulture);
            require(false, "learning_rate", spec.LearningRate, $"less than 1 / weight_decay = {limit}");
        }
        else
        {
            require(false, "weight_decay", spec.WeightDecay, "less than 1 / learning_rate");
        }
    }

    private static bool IsPositive(double value) => value > 0 && double.IsFinite(value);

    private static bool IsFolderName(string name) =>
        name.Length > 0 && name.Trim().Length == name.Length && name is not ("." or "..") && name.AsSpan().IndexOfAny('/', '\\', '\0') < 0;
}

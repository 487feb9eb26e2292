using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Identity;

/// <summary>
/// What makes two runs the same run, wherever they lie and whatever they are called: the settings in force and the content of data, model and
/// tokenizer. It leaves out the budget under a constant schedule, which only says how far the run has got, and what only observes.
/// </summary>
/// <param name="Digest">SHA-256 of the content.</param>
/// <param name="Content">What is compared: <c>settings</c> that differ from their defaults and act, and <c>inputs</c>.</param>
internal sealed record RunIdentity(string Digest, JsonObject Content)
{
    /// <summary>Where a run lies.</summary>
    private static readonly string[] Place = ["save_dir", "save_name"];

    /// <summary>What changes no number that the run computes.</summary>
    private static readonly string[] Observing = ["test", "checkpoint_every_steps", "keep_checkpoint"];

    /// <summary>What names files whose content counts.</summary>
    private static readonly string[] ByContent =
        ["model", "revision", "data", "data_revision", "train", "validation", "test_file"];

    /// <summary>What counts in another form: the budget in steps, the evaluations in steps, the mode of evaluation in force.</summary>
    private static readonly string[] InOtherForm = ["epochs", "max_steps", "evaluate_every", "evaluate_every_steps", "evaluation", "learning_rate"];

    /// <summary>What follows from other settings and the number of rows.</summary>
    private static readonly string[] InSteps = ["evaluate_every_steps", "steps"];

    private const string Rule = "1:";
    private const string Settings = "settings";
    private const string Inputs = "inputs";

    /// <summary>Settings that count neither as they are nor in another form; a test holds that every setting is known here.</summary>
    internal static IReadOnlyList<string> LeftOut => [.. Place, .. Observing, .. ByContent, .. InOtherForm];

    /// <summary>The digest with the version of the rule by which it was made, as files keep it: one by another rule says nothing.</summary>
    internal string Name => $"{Rule}{Digest}";

    /// <summary>Whether data and model were at hand; else the identity is that of the names, and fits no run that was trained.</summary>
    internal bool IsComplete { get; private init; } = true;

    /// <summary>The last step; null where the training rows are not at hand.</summary>
    internal long? LastStep { get; private init; }

    /// <summary>The digest in a name; null where it was made by another rule.</summary>
    internal static string? DigestIn(string? name) => name?.StartsWith(Rule, StringComparison.Ordinal) == true ? name[Rule.Length..] : null;

    /// <summary>The identity of a run that has begun, from its record.</summary>
    internal static RunIdentity Of(RunRecord record)
    {
        var inputs = record.Inputs;
        var known = new IdentityInputs
        {
            ModelDigests = inputs.ModelDigests,
            TokenizerDigest = inputs.TokenizerDigest,
            DataDigests = inputs.DataDigests,
            RowsDigest = inputs.RowsDigest,
            TaskFile = inputs.TaskFile,
            PromptInitDigest = inputs.PromptInitDigest,
            TrainCount = inputs.TrainCount,
            Validates = inputs.ValidationCount > 0,
            Evaluation = inputs.Evaluation,
        };
        return Of(record.Spec, record.Inert, known);
    }

    /// <summary>The identity of a run.</summary>
    /// <param name="spec">Its settings.</param>
    /// <param name="inert">The settings that act on nothing.</param>
    /// <param name="inputs">What they name.</param>
    internal static RunIdentity Of(RunSpec spec, IReadOnlyCollection<string> inert, IdentityInputs inputs)
    {
        var length = inputs.TrainCount is { } count ? RunLength.Of(spec, count) : (RunLength?)null;
        var content = new JsonObject
        {
            [Settings] = SettingsOf(spec, [.. InertSettings.Of(spec).Keys.Union(inert)], inputs, length),
            [Inputs] = inputs.ToJson(spec),
        };
        return new RunIdentity(DigestOf(content), content) { IsComplete = inputs.IsComplete, LastStep = length?.LastStep };
    }

    /// <summary>The same run as one of several that differ in their budget alone: the budget counts too.</summary>
    internal RunIdentity WithBudget(RunSpec spec)
    {
        var content = Content.DeepClone().AsObject();
        content["budget"] = LastStep is { } step ? step : Budget(spec);
        return this with { Digest = DigestOf(content), Content = content };
    }

    /// <summary>
    /// What differs: settings by their keys, and inputs such as <c>model_digests</c>; lengths in steps only where nothing else does.
    /// </summary>
    internal IReadOnlyList<string> Differences(RunIdentity other)
    {
        string[] all = [.. new[] { Settings, Inputs }.SelectMany(part => Differing(Content[part]!.AsObject(), other.Content[part]!.AsObject()))];
        return all.Except(InSteps).ToArray() is { Length: > 0 } others ? others : all;
    }

    private static JsonObject SettingsOf(RunSpec spec, HashSet<string> inert, IdentityInputs inputs, RunLength? length)
    {
        var defaults = new RunSpec();
        var settings = new JsonObject();
        foreach (var setting in RunSpecProperty.All)
        {
            if (!LeftOut.Contains(setting.Key) && !inert.Contains(setting.Key) && !IsInputs(setting.Key, spec, inputs)
                && !setting.IsEqual(spec, defaults))
                settings[setting.Key] = setting.ToJson(spec);
        }

        settings["learning_rate"] = spec.LearningRateInForce;
        if (spec.NetworkLearningRate is { } rate && rate.Equals(spec.LearningRateInForce))
            settings.Remove("network_learning_rate"); // the default in other words
        if (spec.SplitsBySeed && !inert.Contains("split_seed") && spec.Seed != defaults.SplitSeed)
            settings["split_seed"] = spec.Seed;
        if ((inputs.Evaluation ?? spec.Evaluation) is { } mode)
            settings["evaluation"] = JsonValue.Create(mode.ToString().ToLowerInvariant());
        if (inputs.Validates != false)
            settings["evaluate_every_steps"] = length is { } known ? known.EvaluateEvery : Cadence(spec);
        if (spec.Schedule != ScheduleKind.Constant)
            settings["steps"] = length is { } known ? known.LastStep : Budget(spec);
        return new JsonObject(settings.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone())));
    }

    /// <summary>Whether a setting's content stands among the inputs.</summary>
    private static bool IsInputs(string key, RunSpec spec, IdentityInputs inputs) =>
        (key == "task" && inputs.TaskFile is not null) || (key == "prompt_init" && (spec.PromptInit.IsFile || inputs.PromptInitDigest is not null));

    private static IEnumerable<string> Differing(JsonObject one, JsonObject other) => one.Select(pair => pair.Key)
        .Union(other.Select(pair => pair.Key)).Where(key => !JsonNode.DeepEquals(one[key], other[key])).Order(StringComparer.Ordinal);

    private static string Budget(RunSpec spec) => string.Create(CultureInfo.InvariantCulture, $"{spec.Epochs} epochs, {spec.MaxSteps} steps");

    private static string Cadence(RunSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"{spec.EvaluateEvery} epochs, {spec.EvaluateEverySteps} steps");

    private static string DigestOf(JsonObject content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToJsonString())));
}

using ResidualPrompts.Catalog;
using ResidualPrompts.Tasks;
using static ResidualPrompts.Runs.Settings.Reparameterization;

namespace ResidualPrompts.Runs.Settings;

/// <summary>
/// The settings that act on nothing in a given run, such as the inner width of a network in a run without one. They are never refused, so that one
/// loop can go over kinds of runs; they have no value in a record, and two runs that differ in them alone are equal.
/// </summary>
internal static class InertSettings
{
    private const string WithoutNetwork = "without a network (reparameterization)";
    private const string WithoutMlp = "without reparameterization mlp, mlp2 or mlp2-tied";
    private const string OfFullTuning = "with method full, which has no prompt";

    /// <summary>
    /// A setting, and why it acts on nothing in a given run; null where it acts. A setting that is not listed always acts.
    /// </summary>
    private static readonly (string Key, Func<RunSpec, string?> Reason)[] BySettings =
    [
        ("data_revision", spec => IsDataHere(spec) ? "with data that is not of the hub" : null),
        ("compat", spec => spec is { Task: null } ? "without a task by name" : null),
        ("label_field", spec => spec.LabelWords is null ? "without label_words" : null),
        ("split_seed", spec => spec is { ValidationFraction: 0, TestFromValidation: false } ? NothingHeldOut : null),
        ("few_shot_seed", spec => spec is { FewShot: null, ValidationPerClass: null } ? "without few_shot or validation_per_class" : null),
        ("revision", spec => !ModelCatalog.IsOnHub(spec.Model) ? "with a model that is not of the hub" : null),
        ("prompt_length", OfPrompt),
        ("prompt_init", OfPrompt),
        ("train_weights", spec => IsFull(spec) ? "with method full, which trains all weights" : null),
        ("keep_checkpoint", spec => spec.TrainsWeights ? null : "with a prompt alone, whose checkpoint always stays"),
        ("reparameterization", OfPrompt),
        ("skip", OfNetwork),
        ("bottleneck_size", OfMlp),
        ("feed_forward_size", spec => IsFull(spec) || spec.Reparameterization != Transformer ? "without reparameterization transformer" : null),
        ("nonlinearity", OfMlp),
        ("layer_norm", OfMlp),
        ("separate_networks", OfMlp),
        ("network_learning_rate", OfNetwork),
        ("network_dropout", OfNetwork),
    ];

    private static readonly (string Key, Func<RunSpec, DataFacts, string?> Reason)[] ByData =
    [
        ("encoding", (_, data) => data.HasText == false ? "with Parquet files" : null),
        ("compat", (_, data) => data.BringsIds == true ? OfIds : null),
        ("template", (_, data) => data.BringsIds == true ? OfIds : null),
        ("label_words", (_, data) => data.BringsIds == true ? OfIds : null),
        ("label_field", (_, data) => data.BringsIds == true ? OfIds : null),
        ("validation_fraction", (spec, data) =>
            data.HasValidationSplit == true && !spec.ValidationFromTrain ? "with data that has a validation split" : null),
        ("split_seed", (spec, data) =>
            data.HasValidationSplit == true && spec is { ValidationFromTrain: false, TestFromValidation: false } ? NothingHeldOut : null),
        ("validation_per_class", WithoutValidation),
        ("evaluate_every", WithoutValidation),
        ("evaluate_every_steps", WithoutValidation),
        ("patience", WithoutValidation),
        ("release", WithoutValidation),
    ];

    private const string NothingHeldOut = "where no rows are held out";

    private const string OfIds = "with rows of token ids";

    /// <summary>The settings that can be inert.</summary>
    internal static IReadOnlyList<string> Keys { get; } =
        [.. BySettings.Select(rule => rule.Key).Concat(ByData.Select(rule => rule.Key)).Distinct()];

    /// <summary>The inert settings of a run, each with the reason as the end of a sentence: "without a network".</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="data">What is known of the run's data; null = nothing.</param>
    internal static IReadOnlyDictionary<string, string> Of(RunSpec spec, DataFacts? data = null)
    {
        var inert = new Dictionary<string, string>();
        foreach (var (key, reason) in BySettings)
        {
            if (reason(spec) is { } why)
                inert.TryAdd(key, why);
        }

        foreach (var (key, reason) in ByData)
        {
            if (data is not null && reason(spec, data) is { } why)
                inert.TryAdd(key, why);
        }

        return inert;
    }

    /// <summary>The inert settings that were given another value than their default.</summary>
    internal static IReadOnlyDictionary<string, string> Given(RunSpec spec, DataFacts data)
    {
        var defaults = new RunSpec();
        return Of(spec, data).Where(pair => !RunSpecProperty.WithKey(pair.Key).IsEqual(spec, defaults)).ToDictionary();
    }

    private static bool IsFull(RunSpec spec) => spec.Method == TuningMethod.Full;

    private static string? OfPrompt(RunSpec spec) => IsFull(spec) ? OfFullTuning : null;

    private static string? OfNetwork(RunSpec spec) => OfPrompt(spec) ?? (spec.Reparameterization == None ? WithoutNetwork : null);

    private static string? OfMlp(RunSpec spec) => OfPrompt(spec) ?? (spec.Reparameterization is Mlp or Mlp2 or Mlp2Tied ? null : WithoutMlp);

    private static string? WithoutValidation(RunSpec spec, DataFacts data) => data.Validates == false ? "without validation rows" : null;

    private static bool IsDataHere(RunSpec spec)
    {
        try
        {
            return !spec.ReadsDataSet || DataCatalog.NameOf(spec.Data, spec.NamedTask, spec.Compat) is { } name && !DataCatalog.IsOnHub(name);
        }
        catch (TaskException)
        {
            return false; // the task's own data is not known
        }
    }

    /// <summary>What a run's data decides about its settings; null = not known.</summary>
    /// <param name="Validates">Whether the run has validation rows.</param>
    /// <param name="HasValidationSplit">Whether the data itself has a validation split.</param>
    /// <param name="BringsIds">Whether the rows are token ids.</param>
    /// <param name="HasText">Whether a file is text, in some encoding.</param>
    internal sealed record DataFacts(bool? Validates = null, bool? HasValidationSplit = null, bool? BringsIds = null, bool? HasText = null);
}

using System.Text.Json.Nodes;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Identity;

/// <summary>What a run's settings name, by its content, and what only the rows tell. Of a run that has begun it stands in its record.</summary>
internal sealed record IdentityInputs
{
    /// <summary>SHA-256 of the files of the model, by name; null where it is not at hand.</summary>
    public IReadOnlyDictionary<string, string>? ModelDigests { get; init; }

    /// <summary>SHA-256 of the tokenizer; null without one.</summary>
    public string? TokenizerDigest { get; init; }

    /// <summary>SHA-256 of the files of the data, by name; null where it is not at hand.</summary>
    public IReadOnlyDictionary<string, string>? DataDigests { get; init; }

    /// <summary>SHA-256 of rows given in memory.</summary>
    public string? RowsDigest { get; init; }

    /// <summary>The task's file.</summary>
    public JsonObject? TaskFile { get; init; }

    /// <summary>SHA-256 of the rows that <c>prompt_init</c> names.</summary>
    public string? PromptInitDigest { get; init; }

    /// <summary>Number of training rows; null where the data is not at hand.</summary>
    public int? TrainCount { get; init; }

    /// <summary>Whether there are validation rows; null where the data is not at hand.</summary>
    public bool? Validates { get; init; }

    /// <summary>How answers are found; null where it is not known.</summary>
    public EvaluationMode? Evaluation { get; init; }

    /// <summary>Whether model and data are at hand.</summary>
    public bool IsComplete => ModelDigests is not null && DataDigests is not null;

    /// <summary>The inputs; where one is not at hand, its name stands for it.</summary>
    internal JsonObject ToJson(RunSpec spec)
    {
        var json = new JsonObject
        {
            ["model_digests"] = ModelDigests is null ? $"{spec.Model} {spec.Revision}" : Sorted(ModelDigests),
            ["tokenizer_digest"] = TokenizerDigest,
            ["data_digests"] = DataDigests is null
                ? $"{spec.Data} {spec.DataRevision} {spec.Train} {spec.Validation} {spec.TestFile}"
                : Sorted(DataDigests),
        };
        if (RowsDigest is not null)
            json["rows_digest"] = RowsDigest;
        if (TaskFile is not null)
            json["task_file"] = TaskFile.DeepClone();
        if (PromptInitDigest is not null || (spec.Method == TuningMethod.Prompt && spec.PromptInit.IsFile))
            json["prompt_init_digest"] = PromptInitDigest;
        return json;
    }

    private static JsonObject Sorted(IReadOnlyDictionary<string, string> digests) => new(
        digests.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}

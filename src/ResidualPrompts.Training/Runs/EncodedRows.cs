using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Runs;

/// <summary>The user's cache of token ids for the rows of a run: which settings its keys hold.</summary>
internal static class EncodedRows
{
    // They choose rows and do not change them; the rows themselves are in the key.
    private static readonly string[] ChoosingRows = ["data", "data_revision", "encoding", "validation_fraction", "few_shot", "few_shot_seed", "validation_per_class", "validation_from_train", "test_from_validation", "max_input_length"];

    /// <summary>The cache for a run's rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = as it is.</param>
    /// <param name="backbone">Whose tokenizer makes the ids.</param>
    internal static EncodedCache CacheFor(RunSpec spec, JsonObject? taskFile, Backbone backbone)
    {
        var settings = RunSetting.All.Where(setting => setting.Group == "Data" && !ChoosingRows.Contains(setting.Key)).Select(setting => $"{setting.Key}: {setting.ToJson(spec)?.ToJsonString()}");
        if (taskFile is not null)
            settings = settings.Append(taskFile.ToJsonString());
        else if (File.Exists(spec.Task))
            settings = settings.Append(FileDigests.Of(spec.Task));
        var tokenizer = new[] { T5Tokenizer.FileIn(backbone.Folder), Path.Combine(backbone.Folder, T5Tokenizer.ConfigFileName) }.OfType<string>().Where(File.Exists);
        return new EncodedCache(
            UserCache.KeepsNoRows ? null : Path.Combine(UserCache.Folder, "encoded"), string.Join('\n', settings), tokenizer, spec.MaxInputLength, spec.VirtualTokenCount);
    }
}

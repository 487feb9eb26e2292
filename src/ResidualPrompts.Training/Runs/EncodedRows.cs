using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Runs;

/// <summary>The user's cache of token ids for the rows of a run, and the settings in its keys.</summary>
internal static class EncodedRows
{
    /// <summary>
    /// Settings that determine the token ids of a row. A test checks that every setting is here, in <see cref="Selecting"/> or in
    /// <see cref="WithoutEffect"/>.
    /// </summary>
    internal static readonly string[] InKey = ["task", "compat", "template", "label_words", "label_field"];

    /// <summary>Settings that decide which rows there are; the rows are part of the key themselves.</summary>
    internal static readonly string[] Selecting =
    [
        "data", "train", "validation", "test_file", "data_revision", "encoding", "validation_fraction", "split_seed", "few_shot", "few_shot_seed",
        "validation_per_class", "validation_from_train", "test_from_validation",
    ];

    /// <summary>All other settings: they set lengths, which are part of the key themselves, or affect only later stages.</summary>
    internal static readonly string[] WithoutEffect =
    [
        "max_input_length", "prompt_length", "method",
        "model", "revision",
        "prompt_init", "train_weights", "reparameterization", "skip", "bottleneck_size",
            "feed_forward_size", "nonlinearity", "layer_norm", "separate_networks",
        "epochs", "max_steps", "batch_size", "accumulation", "gradient_checkpointing", "learning_rate",
            "network_learning_rate", "optimizer", "schedule", "warmup_steps", "weight_decay",
        "clip", "dropout", "network_dropout", "shuffle", "seed",
        "evaluation", "evaluate_every", "evaluate_every_steps", "checkpoint_every_steps", "keep_checkpoint", "patience", "release", "test",
        "save_dir", "save_name",
    ];

    /// <summary>The cache for a run's rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = the current one.</param>
    /// <param name="backbone">The backbone whose tokenizer makes the ids.</param>
    internal static EncodedCache CacheFor(RunSpec spec, JsonObject? taskFile, Backbone backbone)
    {
        var settings = RunSpecProperty.All.Where(setting => InKey.Contains(setting.Key))
            .Select(setting => $"{setting.Key}: {setting.ToJson(spec)?.ToJsonString()}");
        if (taskFile is not null)
            settings = settings.Append(taskFile.ToJsonString());
        else if (File.Exists(spec.Task))
            settings = settings.Append(FileDigests.Of(spec.Task));
        return new EncodedCache(
            UserCache.KeepsNoRows ? null : Path.Combine(UserCache.Folder, "encoded"),
            string.Join('\n', settings),
            T5Tokenizer.FilesIn(backbone.Folder),
            spec.MaxInputLength,
            spec.VirtualTokenCount);
    }
}

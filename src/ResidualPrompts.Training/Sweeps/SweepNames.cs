using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Sweeps;

/// <summary>
/// Names of a sweep's runs, such as <c>subj/mlp-lr0.3-p10-s0</c>: task, kind, learning rate, prompt length, then every setting that the file varies
/// and that is not at its default, then the seed. A name follows from the run's own settings and has no number of a place in the file, so that none
/// changes when values are added.
/// </summary>
/// <param name="varied">The settings that the file varies.</param>
internal sealed class SweepNames(IReadOnlySet<string> varied)
{
    private const int LongestPart = 40;
    private const int LongestName = 180;
    private const int DigestLength = 6;

    /// <summary>The settings that every name has in a form of its own.</summary>
    private static readonly string[] Always =
        ["task", "model", "method", "reparameterization", "skip", "learning_rate", "prompt_length", "seed", "save_dir", "save_name"];

    private static readonly Dictionary<string, string> Short = new()
    {
        ["batch_size"] = "b",
        ["bottleneck_size"] = "w",
        ["epochs"] = "e",
        ["max_steps"] = "steps",
        ["few_shot"] = "k",
        ["few_shot_seed"] = "fs",
        ["split_seed"] = "ss",
        ["weight_decay"] = "wd",
        ["network_learning_rate"] = "nlr",
        ["max_input_length"] = "len",
        ["warmup_steps"] = "warmup",
        ["prompt_init"] = "init",
        ["train_weights"] = "train-",
        ["data"] = "",
        ["optimizer"] = "",
        ["schedule"] = "",
        ["nonlinearity"] = "",
    };

    /// <summary>The path of a run below the sweep's folder, with slashes.</summary>
    /// <param name="spec">Its settings.</param>
    /// <param name="seeds">Whether the sweep names seeds, so that runs of one given name need theirs.</param>
    internal string Of(RunSpec spec, bool seeds)
    {
        if (spec.SaveName is { } given)
            return seeds ? $"{given}-s{Text(spec.Seed)}" : given;
        var inert = InertSettings.Of(spec);
        var defaults = new RunSpec();
        var parts = new List<string>();
        if (varied.Contains("model"))
            parts.Add(Slug(NameIn(spec.Model)));
        parts.Add(KindOf(spec));
        if (!spec.Skip && !inert.ContainsKey("skip"))
            parts.Add("noskip");
        parts.Add($"lr{Text(spec.LearningRateInForce)}");
        if (!inert.ContainsKey("prompt_length"))
            parts.Add($"p{Text(spec.PromptLength)}");
        parts.AddRange(
            from setting in RunSpecProperty.All
            where varied.Contains(setting.Key) && !Always.Contains(setting.Key) && !inert.ContainsKey(setting.Key) && !setting.IsEqual(spec, defaults)
                && setting.Property.GetValue(spec) is not null
            select Part(setting, spec));
        parts.Add($"s{Text(spec.Seed)}");
        return $"{Slug(TaskOf(spec))}/{Shortened(string.Join('-', parts))}";
    }

    private static string KindOf(RunSpec spec) => spec.Method == TuningMethod.Full ? "full"
        : spec.Reparameterization == Reparameterization.None ? "plain"
        : RunSpecProperty.WithKey("reparameterization").ToJson(spec)!.GetValue<string>();

    private static string TaskOf(RunSpec spec) => spec.Task is { } task ? TaskFile.IsFile(task) ? NameIn(task) : task
        : (spec.Data ?? spec.Train) is { } data ? NameIn(data)
        : "own";

    private static string Part(RunSpecProperty setting, RunSpec spec)
    {
        var value = setting.Property.GetValue(spec);
        var key = Short.GetValueOrDefault(setting.Key, setting.Key.Replace('_', '-'));
        return value switch
        {
            bool given => given ? key : $"no-{key}",
            double or int or long => key + Text(value),
            string text => key + (key.Length > 0 && char.IsLetterOrDigit(key[^1]) ? "-" : "") + Slug(NameIn(text)),
            Enum => key + (key.Length > 0 ? "-" : "") + setting.ToJson(spec)!.GetValue<string>(),
            PromptInit { IsFile: true } file => $"{key}-{Slug(NameIn(file.ToString()))}",
            _ => $"{key}-{Slug(value!.ToString()!)}",
        };
    }

    /// <summary>The last part of a path or of a name on the hub; without a prefix such as <c>shape:</c>.</summary>
    private static string NameIn(string path)
    {
        var name = path.Replace('\\', '/').TrimEnd('/');
        name = name[(name.LastIndexOf('/') + 1)..];
        name = name[(name.LastIndexOf(':') + 1)..];
        foreach (var extension in new[] { ".gz", ".json", ".jsonl", ".csv", ".tsv", ".parquet", ".npy", ".safetensors" })
            name = name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) && name.Length > extension.Length ? name[..^extension.Length] : name;
        return name;
    }

    /// <summary>A text as a part of a file's name; one that loses characters gets a few digits of its digest.</summary>
    private static string Slug(string text)
    {
        var kept = new StringBuilder();
        foreach (var character in text)
            kept.Append(char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '+' or '=' ? character : '-');
        var slug = kept.ToString().Trim('-', '.');
        return slug == text && slug.Length is > 0 and <= LongestPart ? slug
            : $"{slug[..Math.Min(slug.Length, LongestPart - DigestLength)].TrimEnd('-')}-{Digest(text)}".TrimStart('-');
    }

    private static string Shortened(string name) =>
        name.Length <= LongestName ? name : $"{name[..(LongestName - DigestLength - 1)]}-{Digest(name)}";

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..DigestLength];

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!.ToLowerInvariant();
}

using System.Text.RegularExpressions;

namespace ResidualPrompts.ComparePrograms;

/// <summary>A part of files that is omitted, or compared as an item of another class.</summary>
/// <param name="Name">Description of the part.</param>
/// <param name="Pattern">Matches the part as the group <c>masked</c>. Characters represent bytes.</param>
/// <param name="MovedTo">The class of the item; null: the part is not compared.</param>
internal sealed record Mask(string Name, Regex Pattern, ItemClass? MovedTo = null);

/// <summary>The masked parts of all files. Everything else is compared byte for byte.</summary>
internal static class Masks
{
    private const string JsonText = """(?<masked>(\\.|[^"\\])*)""";

    private static readonly Mask Seconds = new("seconds in JSON", Of("(?<!\\\\)\"duration_seconds\": ?(?<masked>[0-9.E+-]+)"));

    private static readonly Mask[] Events =
    [
        new("time of an event", Of("(?<=^\\{\"event\":\"[a-z_]+\",)\"time\":\"(?<masked>[0-9TZ:.-]+)\"")),
        Seconds,
        // Remedies came with the second edition; they are part of what a warning says.
        new(
            "text and remedies of a warning",
            Of("^\\{\"event\":\"warning\".*(?<!\\\\)\"message\":\"(?<masked>(\\\\.|[^\"\\\\])*\"(,\"remedies\":\\[.*\\])?)\\}$"),
            ItemClass.Messages),
    ];

    private static readonly Mask[] Metrics = [new("seconds of an evaluation", Of("^[0-9].*,(?<masked>[0-9.E+-]+)$"))];

    private static readonly Mask[] Record =
    [
        new("environment", Of("^  \"environment\": \\{\n(?<masked>(    .*\n)*)  \\}"), ItemClass.Environment),
        new("version of the program", Of("^    \"residual_prompts_version\": (?<masked>.*)$")),
        new("number of the process", Of("^    \"process_id\": (?<masked>[0-9]+)")),
        new("times", Of("^ +\"(started|ended)\": \"(?<masked>.*)\"")),
        new("peak memory", Of("^  \"peak_memory_bytes\": (?<masked>[0-9]+)")),
        Seconds,
    ];

    private static readonly Mask[] Progress = [new("digest of run.json", Of("^      \"record\": \"(?<masked>[0-9a-f]{64})\""))];

    private static readonly Mask[] BadRows = [new("reason of a bad row", Of($"(?<!\\\\)\"reason\": ?\"{JsonText}\""), ItemClass.Messages)];

    private static readonly Mask[] Bodies =
    [
        new("text of a problem", Of($"(?<!\\\\)\"(title|detail|problem)\": ?\"{JsonText}\""), ItemClass.Messages),
        Seconds,
    ];

    private static readonly Mask[] Log =
    [
        new("time in the server's log", Of("^(?<masked>[0-9]{4}-[0-9T:-]+Z) ")),
        new("milliseconds in the server's log", Of("^.*: requests\\[0\\] .* (?<masked>[0-9.]+) ms$")),
    ];

    private static readonly Mask[] LogLengths =
    [
        new("lengths of the logs in a checkpoint", Of("(?<!\\\\)\"(events|metrics)_bytes\":\"(?<masked>[0-9]+)\"")),
    ];

    private static readonly Mask Address = new("port", Of("http://127\\.0\\.0\\.1:(?<masked>[0-9]+)"));
    private static readonly Mask Rate = new("seconds of predict", Of("; (?<masked>[0-9.]+ s, [0-9.,]+ rows/s)"));
    private static readonly Mask WatchedSeconds = new("seconds of watch", Of("^released: .*; (?<masked>[0-9]+) s$"));
    private static readonly Mask TableSeconds = new("seconds of compare", Of("^ *seconds (?<masked>.*)$"));
    private static readonly Mask MarkdownSeconds = new("seconds of compare", Of("^\\| runs/.*\\| (?<masked>[^|]+) \\|$"));

    /// <summary>The masks of a file, except for paths.</summary>
    internal static IEnumerable<Mask> Of(string name, IReadOnlyList<string> paths) => Path.GetFileName(name) switch
    {
        "events.jsonl" => Events,
        "metrics.csv" => Metrics,
        "run.json" => [.. Record, .. Paths(paths)],
        var file when file.EndsWith(".progress.json", StringComparison.Ordinal) => Progress,
        var file when file.EndsWith(".errors.jsonl", StringComparison.Ordinal) => BadRows,
        "openapi.body" => [Address],
        var file when file.EndsWith(".body", StringComparison.Ordinal) => [.. Bodies, .. Paths(paths)],
        "watch.stdout" => [WatchedSeconds],
        "compare-table.stdout" or "compare-curves.stdout" => [TableSeconds],
        "compare-markdown.stdout" => [MarkdownSeconds],
        "compare-json.stdout" => [Seconds],
        "serve.stderr" or "serve-keys.stderr" => [.. Log, Address, .. Paths(paths)],
        var file when file.EndsWith(".stdout", StringComparison.Ordinal) => Paths(paths),
        var file when file.EndsWith(".stderr", StringComparison.Ordinal) =>
            file.StartsWith("predict-", StringComparison.Ordinal) ? [Rate, .. Paths(paths)] : Paths(paths),
        _ => [],
    };

    /// <summary>The masks of a checkpoint's metadata.</summary>
    internal static IEnumerable<Mask> OfCheckpoint => LogLengths;

    /// <summary>The class of the parts that no mask moves.</summary>
    internal static ItemClass ClassOf(string name) => name switch
    {
        "server/openapi.body" => ItemClass.Help,
        _ when name.StartsWith("answers/help", StringComparison.Ordinal) && name.EndsWith(".stdout", StringComparison.Ordinal) => ItemClass.Help,
        _ when name.EndsWith(".stderr", StringComparison.Ordinal) => ItemClass.Messages,
        _ when name.StartsWith("work/", StringComparison.Ordinal) && name.EndsWith("/README.md", StringComparison.Ordinal) => ItemClass.Card,
        _ => ItemClass.Output,
    };

    private static Mask[] Paths(IReadOnlyList<string> paths) =>
        [new("path of the session or the program", Of($"(?<masked>{string.Join('|', paths.Select(Regex.Escape))})"))];

    private static Regex Of(string pattern) => new(pattern, RegexOptions.Multiline | RegexOptions.CultureInvariant);
}

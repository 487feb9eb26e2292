using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>The table of targets as Markdown, and its place in a document.</summary>
internal static class PerformanceTable
{
    internal const string Begin = "<!-- table of bench all -->";
    internal const string End = "<!-- end of table -->";

    /// <summary>A row.</summary>
    /// <param name="row">What was to be measured.</param>
    /// <param name="results">The results of its commands; null where one failed.</param>
    internal static string Line(TargetRow row, IReadOnlyList<JsonObject?> results)
    {
        if (results.Any(result => result is null))
            return $"| {row.What} | failed | {row.LimitText} | no | |";
        var known = results.OfType<JsonObject>().ToList();
        var value = row.Value(known);
        var measured = double.IsFinite(value) ? $"{MeasuredText.Of(value)}{row.Unit}" : "not measured";
        var met = double.IsFinite(value) ? row.Limit.IsMet(value) ? "yes" : "**no**" : "";
        return $"| {row.What} | {measured}{(row.Remark is { } remark ? $" ({remark(known)})" : "")} | {row.LimitText} | {met} | {Quiet(known)} |";
    }

    /// <summary>The whole table with what it was measured on.</summary>
    internal static string Whole(IEnumerable<string> lines, JsonObject machine, TimeSpan duration)
    {
        var text = new StringBuilder("| what | measured | target | met | quiet |\n|---|---|---|---|---|\n");
        foreach (var line in lines)
            text.Append(line).Append('\n');
        var versions = machine["versions"]!;
        text.Append(CultureInfo.InvariantCulture, $"\n{DateTime.UtcNow:yyyy-MM-dd}: {machine["processor"]}, {machine["cores"]} cores, {machine["threads"]} threads, {versions["system"]}, ")
            .Append(CultureInfo.InvariantCulture, $".NET {versions["dotnet"]}, libtorch {versions["libtorch"]}, residual-prompts {versions["residual_prompts"]}; {duration.TotalMinutes:0} minutes in all.\n");
        return text.ToString();
    }

    /// <summary>Whether a file has a place for the table.</summary>
    internal static bool FitsInto(string path) => File.Exists(path) && File.ReadAllText(path) is var text
        && text.IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var begin && text.IndexOf(End, begin, StringComparison.Ordinal) > begin;

    /// <summary>Puts the table between its marker lines.</summary>
    internal static void WriteInto(string path, string table)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        ReplacedFile.Write(path, $"{text[..begin]}\n{table}{text[text.IndexOf(End, begin, StringComparison.Ordinal)..]}");
    }

    private static string Quiet(List<JsonObject> results) =>
        results.TrueForAll(result => result["quiet"]?.GetValue<bool>() == true) ? "yes" : results.Exists(result => result["quiet"]?.GetValue<bool>() == false) ? "no" : "unknown";
}

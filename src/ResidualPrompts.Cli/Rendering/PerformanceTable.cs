using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Targets;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Formats measurements as Markdown tables.</summary>
internal static class PerformanceTable
{
    /// <summary>Formats one row.</summary>
    /// <param name="row">The row's target and commands.</param>
    /// <param name="results">The results of its commands; null where one failed.</param>
    internal static string Line(TargetRow row, IReadOnlyList<JsonObject?> results)
    {
        if (results.Any(result => result is null))
            return $"| {row.What} | failed | {row.LimitText} | {(row.Limit is null ? "" : "no")} | |";
        var known = results.OfType<JsonObject>().ToList();
        var value = row.Value(known);
        var measured = double.IsFinite(value) ? $"{MeasuredText.Of(value)}{row.Unit}" : "not measured";
        var met = row.Limit is { } limit && double.IsFinite(value) ? limit.IsMet(row.Judged(known)) ? "yes" : "**no**" : "";
        var quartiles = row.Quartiles?.Invoke(known) is var (lower, upper)
            ? $"quartiles {MeasuredText.Of(lower)} and {MeasuredText.Of(upper)}" : null;
        var remarks = string.Join("; ", new[] { quartiles, row.Remark?.Invoke(known) }.OfType<string>());
        return $"| {row.What} | {measured}{(remarks.Length > 0 ? $" ({remarks})" : "")} | {row.LimitText} | {met} | {Quiet(known)} |";
    }

    /// <summary>The whole table, followed by machine and versions.</summary>
    internal static string Whole(IEnumerable<string> lines, JsonObject machine, TimeSpan duration)
    {
        var text = new StringBuilder("| what | measured | target | met | quiet |\n|---|---|---|---|---|\n");
        foreach (var line in lines)
            text.Append(line).Append('\n');
        var versions = machine["versions"]!;
        text.Append(CultureInfo.InvariantCulture,
            $"\n{DateTime.UtcNow:yyyy-MM-dd}: {machine["processor"]}, {machine["cores"]} cores, {machine["threads"]} threads, {versions["system"]}, ")
            .Append(
                CultureInfo.InvariantCulture,
                $".NET {versions["dotnet"]}, libtorch {versions["libtorch"]}, residual-prompts {versions["residual_prompts"]}; "
                    + $"{duration.TotalMinutes:0} minutes in all.\n");
        return text.ToString();
    }

    /// <summary>A row of the ablation table.</summary>
    internal static string Line(AblationRow row) =>
        $"| {row.Trick} | {MeasuredText.Of(row.With)} | {MeasuredText.Of(row.Without)} | {MeasuredText.Of(100 * row.Share)} % | "
            + $"{(row.IsQuiet is { } quiet ? quiet ? "yes" : "no" : "unknown")} |";

    /// <summary>The whole ablation table.</summary>
    internal static string OfAblation(IEnumerable<string> lines, string what) =>
        $"| trick ({what}) | step with it, ms | without it, ms | longer by | quiet |\n"
            + $"|---|---|---|---|---|\n{string.Concat(lines.Select(line => $"{line}\n"))}";

    private static string Quiet(List<JsonObject> results) =>
        results.TrueForAll(result => result["quiet"]?.GetValue<bool>() == true) ? "yes"
            : results.Exists(result => result["quiet"]?.GetValue<bool>() == false) ? "no"
            : "unknown";
}

using System.Globalization;
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
    internal static MeasuredRow Row(TargetRow row, IReadOnlyList<JsonObject?> results)
    {
        if (results.Any(result => result is null))
            return new MeasuredRow(row.What, "failed", row.LimitText, row.Limit is null ? "" : "**no**");
        var known = results.OfType<JsonObject>().ToList();
        var value = row.Value(known);
        var measured = double.IsFinite(value) ? $"{MeasuredText.Of(value)}{row.Unit}" : "not measured";
        var met = row.Limit is { } limit && double.IsFinite(value) ? limit.IsMet(row.Judged(known)) ? "yes" : "**no**" : "";
        var quartiles = row.Quartiles?.Invoke(known) is var (lower, upper)
            ? $"quartiles {MeasuredText.Of(lower)} and {MeasuredText.Of(upper)}" : null;
        var remarks = string.Join("; ", new[] { quartiles, row.Remark?.Invoke(known) }.OfType<string>());
        return new MeasuredRow(
            row.What, $"{measured}{(remarks.Length > 0 ? $" ({remarks})" : "")}", row.LimitText,
            string.Join(", ", new[] { met, Disturbed(known) }.Where(text => text.Length > 0)));
    }

    /// <summary>Machine, versions and duration, as one sentence below the table.</summary>
    internal static string Machine(JsonObject machine, TimeSpan duration)
    {
        var versions = machine["versions"]!;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTime.UtcNow:yyyy-MM-dd}, {machine["processor"]}, {machine["cores"]} cores, {machine["threads"]} threads, {versions["system"]}, "
                + $".NET {versions["dotnet"]}, libtorch {versions["libtorch"]}, residual-prompts {versions["residual_prompts"]}; "
                + $"{duration.TotalMinutes:0} minutes in all.");
    }

    /// <summary>A row of the ablation table.</summary>
    internal static string Line(AblationRow row) =>
        $"| {row.Trick} | {MeasuredText.Of(row.With)} | {MeasuredText.Of(row.Without)} | {MeasuredText.Of(100 * row.Share)} % | "
            + $"{(row.IsQuiet is { } quiet ? quiet ? "yes" : "no" : "unknown")} |";

    /// <summary>The whole ablation table.</summary>
    internal static string OfAblation(IEnumerable<string> lines, string what) =>
        $"| trick ({what}) | step with it, ms | without it, ms | longer by | quiet |\n"
            + $"|---|---|---|---|---|\n{string.Concat(lines.Select(line => $"{line}\n"))}";

    /// <summary>What a reader must know of a measurement that was not certainly quiet; empty for one that was.</summary>
    private static string Disturbed(List<JsonObject> results) =>
        results.TrueForAll(result => result["quiet"]?.GetValue<bool>() == true) ? ""
            : results.Exists(result => result["quiet"]?.GetValue<bool>() == false) ? "not quiet"
            : "quiet unknown";
}

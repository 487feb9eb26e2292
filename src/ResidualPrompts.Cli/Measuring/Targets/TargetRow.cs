using System.Globalization;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Measuring.Targets;

/// <summary>A target for a measured value.</summary>
/// <param name="Value">The limit, inclusive.</param>
/// <param name="IsLeast">Whether it is a lower limit.</param>
internal sealed record Limit(double Value, bool IsLeast)
{
    internal static Limit AtLeast(double value) => new(value, true);

    internal static Limit AtMost(double value) => new(value, false);

    internal bool IsMet(double measured) => IsLeast ? measured >= Value : measured <= Value;
}

/// <summary>One row of the table of targets.</summary>
/// <param name="What">Description of the value.</param>
/// <param name="Limit">The target, or null if the value is only reported.</param>
/// <param name="Unit">Unit of the value, including the space before it, if any.</param>
/// <param name="Commands">Arguments of <c>bench</c> for each measurement that the value depends on; rows may share measurements.</param>
/// <param name="Value">Computes the value from the results.</param>
/// <param name="Remark">Computes an additional remark from the results, or null.</param>
internal sealed record TargetRow(
    string What, Limit? Limit, string Unit, IReadOnlyList<string[]> Commands,
    Func<IReadOnlyList<JsonObject>, double> Value, Func<IReadOnlyList<JsonObject>, string>? Remark = null)
{
    /// <summary>A row whose value is one number of the result of one command.</summary>
    internal static TargetRow Of(string what, Limit limit, string unit, string[] command, string key, Func<JsonObject, string>? remark = null) =>
        new(what, limit, unit, [command], results => Number(results[0], key), remark is null ? null : results => remark(results[0]));

    /// <summary>A number of a result by its key; a dot leads into a nested object.</summary>
    internal static double Number(JsonObject result, string key)
    {
        JsonNode? node = result;
        foreach (var part in key.Split('.'))
            node = node?[part];
        return node?.GetValue<double>() ?? double.NaN;
    }

    /// <summary>Computes the quartiles of the value from the results; null where the value is measured once.</summary>
    internal Func<IReadOnlyList<JsonObject>, (double Lower, double Upper)>? Quartiles { get; init; }

    /// <summary>The number that must meet the limit: the worse quartile where there are quartiles, else the value.</summary>
    internal double Judged(IReadOnlyList<JsonObject> results) =>
        Quartiles?.Invoke(results) is { } quartiles ? Limit is { IsLeast: true } ? quartiles.Lower : quartiles.Upper : Value(results);

    internal string LimitText => Limit is null ? "" : $"{(Limit.IsLeast ? "≥" : "≤")} {Limit.Value.ToString(CultureInfo.InvariantCulture)}{Unit}";
}

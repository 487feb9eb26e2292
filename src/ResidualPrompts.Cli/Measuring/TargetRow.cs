using System.Globalization;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A value that is to be reached.</summary>
/// <param name="Value">The limit, itself allowed.</param>
/// <param name="IsLeast">Whether more is better.</param>
internal sealed record Limit(double Value, bool IsLeast)
{
    internal static Limit AtLeast(double value) => new(value, true);

    internal static Limit AtMost(double value) => new(value, false);

    internal bool IsMet(double measured) => IsLeast ? measured >= Value : measured <= Value;
}

/// <summary>One row of the table of targets: what is measured by which commands, and what is to come out.</summary>
/// <param name="What">For people.</param>
/// <param name="Limit">The target, or null where the value is to be known and no more.</param>
/// <param name="Unit">Unit of the value, with a space before it where there is one.</param>
/// <param name="Commands">Arguments behind <c>bench</c> of each measurement that the value comes from; rows may share them.</param>
/// <param name="Value">The value out of the results.</param>
/// <param name="Remark">What else is worth telling of the results, or null.</param>
internal sealed record TargetRow(
    string What, Limit? Limit, string Unit, IReadOnlyList<string[]> Commands, Func<IReadOnlyList<JsonObject>, double> Value, Func<IReadOnlyList<JsonObject>, string>? Remark = null)
{
    /// <summary>A row whose value stands in the result of one command.</summary>
    internal static TargetRow Of(string what, Limit limit, string unit, string[] command, string key, Func<JsonObject, string>? remark = null) =>
        new(what, limit, unit, [command], results => Number(results[0], key), remark is null ? null : results => remark(results[0]));

    /// <summary>A number of a result by its key; parts of an object stand behind a dot.</summary>
    internal static double Number(JsonObject result, string key)
    {
        JsonNode? node = result;
        foreach (var part in key.Split('.'))
            node = node?[part];
        return node?.GetValue<double>() ?? double.NaN;
    }

    internal string LimitText => Limit is null ? "" : $"{(Limit.IsLeast ? "≥" : "≤")} {Limit.Value.ToString(CultureInfo.InvariantCulture)}{Unit}";
}

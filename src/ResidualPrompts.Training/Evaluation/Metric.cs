namespace ResidualPrompts.Evaluation;

/// <summary>The value of a metric, or the reason why it is undefined.</summary>
/// <param name="Name">The metric's name, as in JSON.</param>
/// <param name="Value">A fraction from 0 to 1, of correlations from -1; null when undefined.</param>
/// <param name="Undefined">Why there is no value; null when there is one.</param>
internal sealed record Metric(string Name, double? Value, string? Undefined = null)
{
    /// <summary>A note for a reader of the number; null = none.</summary>
    internal string? Note { get; init; }

    /// <summary>A value; the list of metrics adds the name.</summary>
    internal static Metric Of(double value) => new("", value);

    /// <summary>No value, with the reason and perhaps a row.</summary>
    internal static Metric None(string undefined, string? note = null) => new("", null, undefined) { Note = note };
}

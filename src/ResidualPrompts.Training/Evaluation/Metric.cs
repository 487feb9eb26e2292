namespace ResidualPrompts.Evaluation;

/// <summary>The value of a metric, or the reason why it has none.</summary>
/// <param name="Name">The metric's name, as in JSON.</param>
/// <param name="Value">A fraction from 0 to 1, of correlations from -1; null when undefined.</param>
/// <param name="Undefined">Why there is no value; null when there is one.</param>
public sealed record Metric(string Name, double? Value, string? Undefined = null);

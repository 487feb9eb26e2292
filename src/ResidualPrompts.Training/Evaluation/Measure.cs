namespace ResidualPrompts.Evaluation;

/// <summary>What computing a metric gives: a value, or why there is none, and perhaps where.</summary>
internal readonly record struct Measure(double? Value, string? Undefined = null, string? Note = null)
{
    public static implicit operator Measure(double value) => new(value);
}

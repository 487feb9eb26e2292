namespace ResidualPrompts.Cli.Measuring;

/// <summary>A measurement failed, and not because of the user's input. The message is complete.</summary>
internal sealed class MeasurementException(string message) : Exception(message);

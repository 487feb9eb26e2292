namespace ResidualPrompts.Cli.Measuring;

/// <summary>Something could not be measured, through no fault of the user's; the message is complete.</summary>
internal sealed class MeasurementException(string message) : Exception(message);

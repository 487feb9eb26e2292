namespace ResidualPrompts.Cli;

/// <summary>Options that do not go together or make no sense; the message is complete.</summary>
internal sealed class UsageException(string message) : InputException(ProblemKind.Invalid, message);

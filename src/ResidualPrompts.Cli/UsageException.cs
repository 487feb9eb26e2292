namespace ResidualPrompts.Cli;

/// <summary>Invalid or conflicting options. The message is complete.</summary>
internal sealed class UsageException(MessageText message) : InputException(ProblemKind.Invalid, message.ToString());

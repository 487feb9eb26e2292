namespace ResidualPrompts;

/// <summary>
/// An input of the library is wrong: a file, a setting, a row. The message says what, where, expected and actual, and is complete in itself, so
/// that a program can print it without a stack trace. <see cref="Remedies"/> say what to do where the caller can do it. Every area (tokenizer,
/// checkpoint, adapter, data, …) has its own sealed exception type with named factories.
/// </summary>
public abstract class InputException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="kind">The kind of problem.</param>
    /// <param name="message">The complete message. Invisible characters except line breaks are escaped.</param>
    /// <param name="inner">The cause, if any.</param>
    protected InputException(ProblemKind kind, string message, Exception? inner = null)
        : base(ShownText.Message(message), inner) => Kind = kind;

    /// <summary>The kind of problem.</summary>
    public ProblemKind Kind { get; }

    /// <summary>What the user can do; alternatives, the usual one first. Empty where the message says it all.</summary>
    public IReadOnlyList<Remedy> Remedies { get; protected init; } = [];
}

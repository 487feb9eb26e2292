namespace ResidualPrompts;

/// <summary>
/// Something that was given to the library is wrong: a file, a setting, a row. The message says what, where, expected and actual, and is
/// complete in itself, so that a program can print it without a stack trace; <see cref="Remedies"/> say what to do where the caller can do
/// it. Every area (tokenizer, checkpoint, adapter, data, …) has one sealed exception type of its own with named factories.
/// </summary>
public abstract class InputException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">What kind of problem it is.</param>
    /// <param name="message">The complete message.</param>
    /// <param name="inner">What caused it, if anything.</param>
    protected InputException(ProblemKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What kind of problem it is.</summary>
    public ProblemKind Kind { get; }

    /// <summary>What can be done, each by itself and the usual one first; empty where the message says it all.</summary>
    public IReadOnlyList<Remedy> Remedies { get; protected init; } = [];
}

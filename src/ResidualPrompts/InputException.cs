namespace ResidualPrompts;

/// <summary>
/// Something that was given to the library is wrong: a file, a setting, a row. The message says what, where, expected and
/// actual, and what to do; it is complete in itself, so that a program can print it without a stack trace. Every area
/// (tokenizer, checkpoint, adapter, data, …) has one sealed exception type of its own with named factories.
/// </summary>
public abstract class InputException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">The complete message.</param>
    /// <param name="inner">What caused it, if anything.</param>
    protected InputException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

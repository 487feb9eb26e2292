namespace ResidualPrompts.Data;

/// <summary>Input data is missing or malformed.</summary>
public sealed class DataException : InputException
{
    private DataException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>A file does not exist or cannot be opened.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">Why.</param>
    public static DataException Unreadable(string path, string reason) => new($"{path} cannot be read: {reason}");

    /// <summary>One line is wrong.</summary>
    /// <param name="source">File name, or how the input is called.</param>
    /// <param name="line">Line number from 1.</param>
    /// <param name="problem">What is wrong, expected and found.</param>
    public static DataException AtLine(string source, long line, string problem) => new($"{source}, line {line}: {problem}");
}

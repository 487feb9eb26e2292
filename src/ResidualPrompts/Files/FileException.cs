namespace ResidualPrompts.Files;

/// <summary>A file that the library wrote was changed by something else.</summary>
public sealed class FileException : InputException
{
    private FileException(ProblemKind kind, string message)
        : base(kind, message)
    {
    }

    internal static FileException Shorter(string path, long found, long expected) =>
        new(ProblemKind.Damaged, $"{path} is damaged: it is shorter ({found} bytes) than at the last checkpoint ({expected} bytes).")
        {
            Remedies = [new Remedy.Overwrite()]
        };
}

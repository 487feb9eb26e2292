namespace ResidualPrompts.Files;

/// <summary>A file is not what its place requires: something else changed it, it is a pipe or a device, it is too large, or only its pointer
/// is there.</summary>
public sealed class FileException : InputException
{
    private FileException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    internal static FileException Shorter(string path, long found, long expected) =>
        new(ProblemKind.Damaged, $"{path} is damaged: it is shorter ({found} bytes) than at the last checkpoint ({expected} bytes).")
        {
            Remedies = [new Remedy.Overwrite()]
        };

    internal static FileException ChangedWhileRead(string path) =>
        new(ProblemKind.Damaged, $"'{path}' was written while it was read, so that parts of two versions may have been read.")
        {
            Remedies = [new Remedy.Act("try again when nothing writes it")],
        };

    internal static FileException NotPlain(string path, string kind) =>
        new(ProblemKind.Invalid, $"'{path}' is not read: expected a plain file there, found {kind}.");

    internal static FileException TooLarge(string path, long length, long longest) =>
        new(ProblemKind.Invalid, $"'{path}' is not read: expected at most {longest} bytes, found {length}.");

    internal static FileException Endless(string path, long longest) =>
        new(ProblemKind.Invalid, $"'{path}' is not read further: expected at most {longest} bytes, found more.");

    internal static FileException LfsPointer(string path, long length, long? size) =>
        new(ProblemKind.Damaged,
            $"'{path}' is a pointer of Git LFS ({length} bytes), expected the file itself{(size is { } bytes ? $" ({bytes} bytes)" : "")}: "
            + $"Git checked out the repository without its large files.")
        {
            Remedies = [new Remedy.Act("run `git lfs pull` in that repository"), new Remedy.Act("download the file itself")],
        };
}

namespace ResidualPrompts.Models.Weights;

/// <summary>A NumPy array file (<c>.npy</c>) is unreadable, cannot be written, is damaged, or holds an unsupported kind of array.</summary>
public sealed class NpyException : InputException
{
    private NpyException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static NpyException CannotRead(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"Cannot read the array '{path}': {inner.Message.TrimEnd('.')}. Give a file that numpy.save wrote.", inner);

    internal static NpyException CannotWrite(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"Cannot write '{path}': {inner.Message.TrimEnd('.')}. The file that was there, if any, is unchanged.", inner);

    internal static NpyException InvalidFile(string path, long offset, string problem, string expected, string found) =>
        new(ProblemKind.Damaged,
            $"'{path}' is not a valid .npy file: {problem} at byte {offset}: expected {expected}, found {found}. Write it again with numpy.save.");

    internal static NpyException Unsupported(string path, string what, string expected, string found, string remedy) =>
        new(ProblemKind.Unsupported, $"The array in '{path}' cannot be taken: {what}: expected {expected}, found {found}. {remedy}");

    internal static NpyException NotFloating(string path, string found) =>
        new(ProblemKind.Invalid, $"Cannot write '{path}': expected a tensor of floating-point numbers, found {found}. Convert it to float32 first.");
}

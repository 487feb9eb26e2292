namespace ResidualPrompts.Submissions;

/// <summary>A file for a leaderboard cannot be written.</summary>
public sealed class SubmissionException : InputException
{
    private SubmissionException(ProblemKind kind, MessageText message, Exception inner)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static SubmissionException NoZip(string path, Exception inner) =>
        new(ProblemKind.Conflict, $"{path} exists and is not a zip file: give another name.", inner);

    internal static SubmissionException Unreadable(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"{path} cannot be read: {inner.Message}", inner);

    internal static SubmissionException NotWritable(string path, Exception inner) =>
        new(ProblemKind.Inaccessible, $"'{path}' cannot be written: {inner.Message}", inner);
}

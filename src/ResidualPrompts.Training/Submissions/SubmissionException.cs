namespace ResidualPrompts.Submissions;

/// <summary>A file for a leaderboard cannot be written.</summary>
public sealed class SubmissionException : InputException
{
    private SubmissionException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal static SubmissionException NoZip(string path, Exception inner) => new($"{path} exists and is no zip file: give another name.", inner);
}

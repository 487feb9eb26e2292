namespace ResidualPrompts.Data;

/// <summary>A row that could not be read or used.</summary>
/// <param name="Index">Index of the row in its file, from 0, bad rows included.</param>
/// <param name="Line">Line number from 1; in a file without lines, the row number.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Text">The row as written in its file, or its first line; null where it is not text.</param>
public sealed record BadRow(int Index, long Line, string Reason, string? Text)
{
    /// <summary>Describes a row that was read but cannot be used.</summary>
    /// <param name="row">The row.</param>
    /// <param name="e">The reason.</param>
    public static BadRow Of(Example row, InputException e)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(e);
        return new BadRow(row.Index, row.Line, ReasonOf(e), row.ToString());
    }

    /// <summary>The problem without its place, which a bad row already has.</summary>
    internal static string ReasonOf(InputException e) => e is DataException { Problem: { } problem } ? problem : e.Message;
}

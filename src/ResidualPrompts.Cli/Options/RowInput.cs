using ResidualPrompts.Data.Text;
using ResidualPrompts.Predictions;

namespace ResidualPrompts.Cli.Options;

/// <summary>The lines of --input or of standard input, for commands that answer each of them.</summary>
/// <param name="Lines">The lines, read lazily.</param>
/// <param name="Source">Their name in messages.</param>
/// <param name="IsRepeatable">Whether the lines can be read again.</param>
internal sealed record RowInput(IEnumerable<TextLine> Lines, string Source, bool IsRepeatable)
{
    /// <summary>Refuses a file that does not exist, before anything is downloaded or computed for it.</summary>
    internal static void RequireThere(string? option)
    {
        if (StandardInput.OrFile(option) is { } path && !Path.Exists(path))
            DataStream.Open(path).Dispose(); // throws with the reason
    }

    /// <summary>Opens a file or a pipe; null and <c>-</c> are standard input.</summary>
    internal static RowInput Open(string? option)
    {
        if (StandardInput.OrFile(option) is not { } path)
            return new RowInput(TextLines.Read(StandardInput.Open(), StandardInput.Name), StandardInput.Name, IsRepeatable: false);
        var stream = DataStream.Open(path);
        if (stream is FileStream { CanSeek: false })
            return new RowInput(TextLines.Read(stream, path), path, IsRepeatable: false);
        stream.Dispose();
        return new RowInput(TextLines.ReadFile(path), path, IsRepeatable: true);
    }

    /// <summary>
    /// Windows of what is made of the lines, each to be answered before the next is read, because the input may be longer than the memory. A file is
    /// read to its end before, so that an invalid line leaves no partial result; of a pipe, the windows before that line are answered.
    /// </summary>
    internal IEnumerable<T[]> Windows<T>(IEnumerable<T> rows)
    {
        if (IsRepeatable)
        {
            foreach (var _ in rows)
            {
                // making a row checks it
            }
        }

        return rows.Chunk(RowWindows.Size);
    }
}

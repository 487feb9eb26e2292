namespace ResidualPrompts.Cli.Rendering;

/// <summary>A section of a document, between two marker lines, that a command replaces.</summary>
/// <param name="Begin">The marker line before the section, which occurs once.</param>
internal sealed record MarkedSection(string Begin)
{
    /// <summary>The document about performance.</summary>
    internal const string Document = "docs/performance.md";

    internal const string End = "<!-- end of table -->";

    internal static MarkedSection Targets { get; } = new("<!-- table of bench all -->");

    internal static MarkedSection Ablation { get; } = new("<!-- table of bench ablation -->");

    /// <summary>Whether a document contains both marker lines.</summary>
    internal bool IsIn(string path) => File.Exists(path) && File.ReadAllText(path) is var text
        && text.IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var begin && text.IndexOf(End, begin, StringComparison.Ordinal) > begin;

    /// <summary>The document to write: the requested one, or <see cref="Document"/> if it exists and <paramref name="orDefault"/> is set.</summary>
    /// <exception cref="UsageException">The requested document lacks the marker lines.</exception>
    internal string? Find(string? asked, bool orDefault)
    {
        if (asked is null)
            return orDefault && IsIn(Document) ? Document : null;
        return IsIn(asked)
            ? asked
            : throw new UsageException($"{asked} does not exist or lacks the lines {Begin} and {End}, between which the table is written.");
    }

    /// <summary>The section as it is.</summary>
    internal string Read(string path)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        return text[begin..text.IndexOf(End, begin, StringComparison.Ordinal)];
    }

    /// <summary>Replaces the section.</summary>
    internal void Write(string path, string section)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        ReplacedFile.Write(path, $"{text[..begin]}\n{section}{text[text.IndexOf(End, begin, StringComparison.Ordinal)..]}");
    }
}

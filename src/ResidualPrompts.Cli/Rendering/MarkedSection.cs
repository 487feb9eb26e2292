namespace ResidualPrompts.Cli.Rendering;

/// <summary>The part of a document that a command writes, between two marker lines.</summary>
/// <param name="Begin">The line before it, which is in the document once.</param>
internal sealed record MarkedSection(string Begin)
{
    /// <summary>The document on speed.</summary>
    internal const string Document = "docs/performance.md";

    internal const string End = "<!-- end of table -->";

    internal static MarkedSection Targets { get; } = new("<!-- table of bench all -->");

    internal static MarkedSection Ablation { get; } = new("<!-- table of bench ablation -->");

    /// <summary>Whether a document has a place for it.</summary>
    internal bool IsIn(string path) => File.Exists(path) && File.ReadAllText(path) is var text
        && text.IndexOf(Begin, StringComparison.Ordinal) is >= 0 and var begin && text.IndexOf(End, begin, StringComparison.Ordinal) > begin;

    /// <summary>The document to write into: the one that was asked for, or that on speed where it exists and <paramref name="orDefault"/>.</summary>
    /// <exception cref="UsageException">The one that was asked for has no place for it.</exception>
    internal string? Find(string? asked, bool orDefault)
    {
        if (asked is null)
            return orDefault && IsIn(Document) ? Document : null;
        return IsIn(asked) ? asked : throw new UsageException($"{asked} is no file with the lines {Begin} and {End}, between which the table goes.");
    }

    /// <summary>Puts a text into its place.</summary>
    internal void Write(string path, string section)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        ReplacedFile.Write(path, $"{text[..begin]}\n{section}{text[text.IndexOf(End, begin, StringComparison.Ordinal)..]}");
    }
}

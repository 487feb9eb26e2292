using System.Text;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>
/// A command line of a document. It understands what the documents use of a shell: quotes, a backslash at a line's end, comments, <c>&lt; FILE</c>,
/// <c>PROGRAM | …</c> and <c>&lt;(…)</c>.
/// </summary>
/// <param name="Document">Where it stands.</param>
/// <param name="Line">In which line, from 1.</param>
/// <param name="Program">The program; <see cref="Ours"/> also where the document calls it by <c>dotnet run</c>.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="InputFile">What stands behind <c>&lt;</c>.</param>
/// <param name="Producer">The program before a <c>|</c>.</param>
/// <param name="IsSourced">Whether a shell takes over what it prints: <c>source &lt;(…)</c>.</param>
internal sealed record ShellCommand(
    Document Document, int Line, string Program, string[] Arguments, string? InputFile = null, string? Producer = null, bool IsSourced = false)
{
    internal const string Ours = "residual-prompts";

    private static readonly string[] Programs = [Ours, "dotnet", "curl", "source", "some-program", "eng/", ".ci/", "UPDATE_SNAPSHOTS="];

    internal bool IsOurs => Program == Ours;

    internal string Text => string.Join(' ', [Program, .. Arguments]);

    /// <summary>Whether it stands in the text, where a command may be named without what it requires.</summary>
    internal bool IsMention => Line == 0;

    internal string Place => $"{Document}, line {Line}: {Text}";

    /// <summary>
    /// The commands of a block: all of its lines, if the first begins with a program that the documents call, or any of them with this program.
    /// </summary>
    internal static IEnumerable<ShellCommand> Of(Document document, Block block)
    {
        var lines = block.Lines.Select(line => line.StartsWith("$ ", StringComparison.Ordinal) ? line[2..] : line).ToArray();
        var isShell = Programs.Any(program => lines[0].StartsWith(program, StringComparison.Ordinal))
            || lines.Any(line => line.StartsWith(Ours + " ", StringComparison.Ordinal));
        if (!isShell || block.Language is not ("" or "sh" or "bash" or "console"))
            yield break;

        for (var i = 0; i < lines.Length; i++)
        {
            var (first, whole) = (i, lines[i]);
            while (whole.EndsWith('\\'))
                whole = whole[..^1] + lines[++i].TrimStart();
            if (Split(whole) is { Count: > 0 } words)
                yield return Of(document, block.Line + first, words);
        }
    }

    /// <summary>A command in the text, between backticks; null if it is none of this program.</summary>
    internal static ShellCommand? OfSpan(Document document, string span) =>
        span.StartsWith(Ours + " ", StringComparison.Ordinal) || span.Contains($" {Ours} ", StringComparison.Ordinal)
            ? new ShellCommand(document, 0, Ours, [.. Split(span[span.IndexOf(Ours + " ", StringComparison.Ordinal)..]).Skip(1)])
            : null;

    /// <summary>Words of a command line, operators as words of their own; a comment ends it.</summary>
    internal static List<string> Split(string line)
    {
        var (words, word, quote, isQuoted) = (new List<string>(), new StringBuilder(), '\0', false);
        void End()
        {
            if (word.Length > 0 || isQuoted)
                words.Add(word.ToString());
            word.Clear();
            isQuoted = false;
        }

        foreach (var c in line)
        {
            if (quote != '\0' && c == quote)
                quote = '\0';
            else if (quote != '\0')
                word.Append(c);
            else if (c is '"' or '\'')
                (quote, isQuoted) = (c, true);
            else if (c == '#' && word.Length == 0)
                break;
            else if (char.IsWhiteSpace(c))
                End();
            else if (c is '|' or '<' or '>' or '(' or ')')
            {
                End();
                words.Add(c.ToString());
            }
            else
                word.Append(c);
        }

        End();
        return quote == '\0' ? words : throw new FormatException($"A quote is never closed: {line}");
    }

    private static ShellCommand Of(Document document, int line, List<string> words)
    {
        var project = words.IndexOf("src/ResidualPrompts.Cli");
        if (words is ["dotnet", "run", ..] && project > 0 && words[project - 1] == "--project" && words[project + 1] == "--")
            words = [Ours, .. words[(project + 2)..]];
        var start = words.IndexOf(Ours);
        if (start < 0 || (start > 0 && words[start - 1] is not ("|" or "(")))
            return new ShellCommand(document, line, words[0], [.. words.Skip(1)]);
        var own = words[(start + 1)..];
        var arguments = own.TakeWhile(word => word is not ("<" or ">" or "|" or ")")).ToArray();
        return new ShellCommand(
            document, line, Ours, arguments,
            own.IndexOf("<") is >= 0 and var input ? own[input + 1] : null,
            start > 0 && words[start - 1] == "|" ? words[0] : null,
            words[0] == "source");
    }
}

using System.Text.RegularExpressions;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>A phrase that readers stumbled over.</summary>
/// <param name="Line">Line of the text, from 1.</param>
/// <param name="Phrase">What stands there.</param>
/// <param name="Instead">What to write instead.</param>
internal sealed record Stumble(int Line, string Phrase, string Instead);

/// <summary>Phrases that readers had to read twice, and how to find them in a text, also across the end of a line.</summary>
internal static partial class LanguageRules
{
    private static readonly (Regex Phrase, string Instead)[] Rules =
    [
        // "There is no TLS" and "is no longer" are plain English; "a pipe is no file" is not.
        Rule(@"(?<!\bthere )\bis no (?!longer\b)", "is not a …, has no …, lacks a …"),
        Rule(@"\bgoes on\b", "continues"),
        Rule(@"\bgo on where\b", "continue where"),
        Rule(@"\blets? go\b", "releases"),
        Rule(@"\b(is|are) told\b", "is notified, is passed"),
        Rule(@"\bof ours\b", "our own, of this library"),
        Rule(@"\bby turns\b", "alternately"),
        Rule(@"\bholds? not what\b", "lacks a required …"),
        Rule(@"\bthat can be read again\b", "an input that can be read twice"),
        Rule(@"\bthese have no switch\b", "these cannot be switched off"),
        Rule(@"\bis the first once more\b", "missing rows alias row 0"),
        Rule(@"\bon another model than its own\b", "with the wrong model"),
        Rule(@"\blook like any and mean nothing\b", "plausible but meaningless"),
        Rule(@"\brefers? to this library\b", "references this library"),
        Rule(@"<summary>\s*(Does it|Computes|Attends)\.\s*</summary>", "nothing, or what the name does not say"),
        Rule(@"\b(MostQueries|FileIs|Bend)\b", "MaxQueries, SingleFileSplit, Activate"),
        Rule(@"\b(licences?|colours?|behaviours?|labelled|centres?)\b", "the American spelling"),
    ];

    /// <summary>The phrases of a text that stand in the rules. Markdown, and scripts with # in front of a line.</summary>
    internal static IEnumerable<Stumble> InProse(string text) => Find(text.Split('\n').Select(line => Prefix().Replace(line, "")));

    /// <summary>The same of C#: comments, and what stands between quotation marks.</summary>
    internal static IEnumerable<Stumble> InCode(string text) => Find(SpokenLines(text.Split('\n')));

    private static IEnumerable<Stumble> Find(IEnumerable<string> lines)
    {
        // Lines are joined by one blank; an empty line ends a paragraph and cannot be part of a phrase.
        var (joined, starts) = (new System.Text.StringBuilder(), new List<int>());
        foreach (var line in lines)
        {
            starts.Add(joined.Length);
            joined.Append(line.Trim()).Append(string.IsNullOrWhiteSpace(line) ? '\n' : ' ');
        }

        var whole = joined.ToString();
        return Rules.SelectMany(rule => rule.Phrase.Matches(whole)
            .Select(match => new Stumble(LineOf(match.Index), match.Value.Trim(), rule.Instead)))
            .OrderBy(stumble => stumble.Line);

        // Each line has at least its blank, so that no two begin at one place.
        int LineOf(int index) => starts.BinarySearch(index) is var found && found >= 0 ? found + 1 : ~found;
    }

    private static IEnumerable<string> SpokenLines(string[] lines)
    {
        var isRaw = false;
        foreach (var line in lines)
        {
            var marks = RawMark().Count(line);
            yield return isRaw || marks > 0 ? line : Spoken(line);
            isRaw ^= marks % 2 == 1;
        }
    }

    /// <summary>A line's comment, and before it what stands between quotation marks.</summary>
    private static string Spoken(string line)
    {
        var comment = Comment().Match(Literal().Replace(line, match => new string('"', match.Length)));
        var code = comment.Success ? line[..comment.Index] : line;
        return string.Join(" ", Literal().Matches(code).Select(match => match.Value[1..^1])
            .Append(comment.Success ? line[(comment.Index + comment.Length)..] : ""));
    }

    private static (Regex, string) Rule(string phrase, string instead) =>
        (new Regex(phrase, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), instead);

    [GeneratedRegex(@"^\s*(#+|>|[-*]) ")]
    private static partial Regex Prefix();

    [GeneratedRegex("///?")]
    private static partial Regex Comment();

    [GeneratedRegex("\"\"\"")]
    private static partial Regex RawMark();

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"
        """)]
    private static partial Regex Literal();
}

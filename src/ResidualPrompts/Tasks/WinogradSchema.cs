using System.Text.RegularExpressions;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// The Winograd schema challenge of SuperGLUE as T5 treats it (Raffel et al. 2020, section 2.4 and appendix B): the pronoun stands
/// between asterisks and the answer is the noun that it refers to. Only rows whose candidate is right can train; all rows are judged, by
/// whether the answer names the candidate.
/// </summary>
internal static partial class WinogradSchema
{
    private static readonly LabelWords Labels = LabelWords.Parse("0=false,1=true");
    private static readonly char[] Punctuation = [.. "\"'`.,;:!?()[]"];

    private static readonly HashSet<string> IgnoredWords =
    [
        .. "a an few her his each every many much my our some that the their these this those which whose your".Split(' '),
    ];

    internal static TaskDefinition Task { get; } = new()
    {
        Name = "wsc",
        Text = MarkPronoun,
        Target = Candidate,
        Reference = row => TaskDefinition.WordOf(row, Labels, "label"),
        Outcomes = Labels.Words,
        Judge = Judge,
        HasFixedLabels = false,
        Trains = row => TaskDefinition.WordOf(row, Labels, "label") == "true",
    };

    /// <summary>The text with the pronoun's letters between asterisks.</summary>
    internal static string MarkPronoun(Example row)
    {
        var pronoun = Field(row, "span2_text");
        var words = row.Value("text").Split(' ');
        var index = PronounIndex(row, words, pronoun);
        var word = words[index];
        var start = word.IndexOf(pronoun, StringComparison.Ordinal);
        words[index] = start < 0 ? $"*{word}*" : $"{word[..start]}*{pronoun}*{word[(start + pronoun.Length)..]}";
        return string.Join(' ', words).Trim();
    }

    /// <summary>Whether two phrases name the same: one's words contain the other's, and both or neither have an apostrophe.</summary>
    internal static bool NamesTheSame(string answer, string referent)
    {
        var (answerWords, referentWords) = (ContentWords(answer), ContentWords(referent));
        return answer.Contains('\'') == referent.Contains('\'') && (answerWords.IsSubsetOf(referentWords) || referentWords.IsSubsetOf(answerWords));
    }

    private static string? Judge(Example row, string answer) =>
        string.IsNullOrWhiteSpace(answer) ? null : NamesTheSame(answer, Candidate(row)) ? "true" : "false";

    private static string Candidate(Example row) => WhiteSpace().Replace(Field(row, "span1_text").Trim(), " ");

    /// <summary>The word that the row points at; where that is not the pronoun (one validation row), the nearest word that is.</summary>
    private static int PronounIndex(Example row, string[] words, string pronoun)
    {
        if (!int.TryParse(Field(row, "span2_index"), out var index) || index < 0 || index >= words.Length)
            throw row.Problem($"'span2_index' is {Field(row, "span2_index")}, expected the number of one of the {words.Length} words of 'text'");
        if (words[index].Trim(Punctuation) == pronoun)
            return index;
        var others = Enumerable.Range(0, words.Length).Where(i => words[i].Trim(Punctuation) == pronoun).ToArray();
        return others.Length == 0 ? index : others.MinBy(i => Math.Abs(i - index));
    }

    /// <summary>Fields are nested in the official files and flat on the hub.</summary>
    private static string Field(Example row, string name) => row.Value(row.Has("target") ? $"target.{name}" : name);

    private static HashSet<string> ContentWords(string phrase) =>
        [.. WhiteSpace().Split(phrase.ToLowerInvariant().Trim()).Where(word => word.Length > 0 && !IgnoredWords.Contains(word))];

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}

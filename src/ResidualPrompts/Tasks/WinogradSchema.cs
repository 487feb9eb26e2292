using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>The text and the target of the Winograd schema challenge in SuperGLUE's form, as T5 was trained on it.</summary>
internal static class WinogradSchema
{
    private const string AroundWords = "\"'`.,;:!?()[]";

    /// <summary>
    /// The text with asterisks around the pronoun's letters. Words are what stands between single spaces. The pronoun is at
    /// <c>span2_index</c>; where another word stands there, it is the nearest word that is the pronoun, the earlier of two.
    /// </summary>
    public static string MarkPronoun(Example example)
    {
        var words = example.Text("text").Split(' ');
        var pronoun = example.Text("target.span2_text");
        var index = example.Integer("target.span2_index");
        if (pronoun.Length == 0)
            throw example.Problem("'target.span2_text' is empty, expected the pronoun");
        if (index < 0 || index >= words.Length)
            throw example.Problem($"'target.span2_index' is {index}, expected a word of the text, 0 to {words.Length - 1}");
        var place = Enumerable.Range(0, words.Length).Where(i => IsPronoun(words[i], pronoun)).OrderBy(i => Math.Abs(i - index)).FirstOrDefault(index);
        words[place] = Mark(words[place], pronoun);
        return string.Join(' ', words).Trim();
    }

    /// <summary>What the pronoun is said to refer to, with single spaces.</summary>
    public static string Referent(Example example) =>
        string.Join(' ', example.Text("target.span1_text").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static bool IsPronoun(string word, string pronoun) => word.AsSpan().Trim(AroundWords).SequenceEqual(pronoun);

    private static string Mark(string word, string pronoun)
    {
        var start = word.IndexOf(pronoun, StringComparison.Ordinal);
        return start < 0 ? $"*{word}*" : $"{word[..start]}*{pronoun}*{word[(start + pronoun.Length)..]}";
    }
}

using System.Globalization;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>Text and target of the Winograd schema challenge in SuperGLUE's form: as in T5's training, and as in the original.</summary>
internal static class WinogradSchema
{
    private const string AroundWords = "\"'`.,;:!?()[]";

    /// <summary>
    /// The text with asterisks around the pronoun's letters. Words are separated by single spaces. The pronoun is at <c>span2_index</c>; if
    /// another word is there, the nearest word that is the pronoun is used, at a tie the earlier.
    /// </summary>
    public static string MarkPronoun(Example example)
    {
        var words = Words(example);
        var pronoun = example.Text("span2_text");
        var index = IndexOf(example, "span2_index", words);
        if (pronoun.Length == 0)
            throw example.Problem("'span2_text' is empty, expected the pronoun");
        var place = Enumerable.Range(0, words.Length)
            .Where(i => IsPronoun(words[i], pronoun)).OrderBy(i => Math.Abs(i - index)).FirstOrDefault(index);
        words[place] = Mark(words[place], pronoun);
        return string.Join(' ', words).Trim();
    }

    /// <summary>The thing that the pronoun is said to refer to, with single spaces.</summary>
    public static string Referent(Example example) =>
        string.Join(' ', example.Text("span1_text").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <summary>The original's text: asterisks around the whole word at <c>span2_index</c>.</summary>
    public static string MarkWord(Example example)
    {
        var words = Words(example);
        var index = IndexOf(example, "span2_index", words);
        words[index] = $"*{words[index]}*";
        return string.Join(' ', words).Trim();
    }

    /// <summary>The original's target: the one word at <c>span1_index</c>.</summary>
    public static string ReferentWord(Example example)
    {
        var words = Words(example);
        return words[IndexOf(example, "span1_index", words)];
    }

    private static string[] Words(Example example) => example.Text("text").Split(' ');

    private static int IndexOf(Example example, string field, string[] words)
    {
        var index = example.Integer(field);
        return index >= 0 && index < words.Length
            ? index
            : throw example.Problem(string.Create(
                CultureInfo.InvariantCulture, $"'{field}' is {index}, expected a word of the text, 0 to {words.Length - 1}"));
    }

    private static bool IsPronoun(string word, string pronoun) => word.AsSpan().Trim(AroundWords).SequenceEqual(pronoun);

    private static string Mark(string word, string pronoun)
    {
        var start = word.IndexOf(pronoun, StringComparison.Ordinal);
        return start < 0 ? $"*{word}*" : $"{word[..start]}*{pronoun}*{word[(start + pronoun.Length)..]}";
    }
}

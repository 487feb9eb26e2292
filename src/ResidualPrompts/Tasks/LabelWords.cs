using System.Globalization;

namespace ResidualPrompts.Tasks;

/// <summary>
/// The labels of a task, in order: for each the value that stands in the data and the word that T5 must produce. Values are compared
/// as text, letter by letter.
/// </summary>
public sealed class LabelWords
{
    private LabelWords(IReadOnlyList<string> values, IReadOnlyList<string> words) => (Values, Words) = (values, words);

    /// <summary>What stands in the data.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>What T5 must produce, and what labels are called in predictions and reports.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>How many labels.</summary>
    public int Count => Words.Count;

    /// <summary>Reads <c>0=negative,1=positive</c>; white space around values and words is taken off.</summary>
    /// <param name="labelWords">Pairs value=word, separated by commas; a word may hold '=', neither may hold a comma.</param>
    /// <exception cref="TaskException">Fewer than two pairs, a pair without '=', an empty value or word, or one that stands there twice.</exception>
    public static LabelWords Parse(string labelWords)
    {
        ArgumentNullException.ThrowIfNull(labelWords);
        return Of(labelWords, [.. labelWords.Split(',', StringSplitOptions.TrimEntries).Select(pair =>
        {
            if (pair.Length == 0)
                throw TaskException.BadLabelWords(labelWords, "a pair is empty");
            return pair.Split('=', 2, StringSplitOptions.TrimEntries) is [var value, var word]
                ? (value, word)
                : throw TaskException.BadLabelWords(labelWords, $"'{pair}' has no '='");
        })]);
    }

    /// <summary>Makes label words from pairs, whose texts may hold any character.</summary>
    /// <param name="pairs">Value and word of each label.</param>
    /// <exception cref="TaskException">As in <see cref="Parse"/>.</exception>
    public static LabelWords Of(params (string Value, string Word)[] pairs) => Of(string.Join(",", pairs.Select(pair => $"{pair.Value}={pair.Word}")), pairs);

    /// <summary>Makes label words whose values are their places, 0, 1, …, as data sets of the Hugging Face hub have them.</summary>
    /// <param name="words">The words, in label order.</param>
    /// <exception cref="TaskException">As in <see cref="Parse"/>.</exception>
    public static LabelWords Of(params IReadOnlyList<string> words) => Of([.. words.Index().Select(word => (word.Index.ToString(CultureInfo.InvariantCulture), word.Item))]);

    /// <summary>The index of a label by its value in the data; null when it is none of them.</summary>
    /// <param name="value">The value.</param>
    public int? Find(string value) => IndexIn(Values, value);

    /// <summary>The index of a label by its word, white space around it aside; null when it is none of them.</summary>
    /// <param name="word">The word, such as an answer of T5.</param>
    public int? FindWord(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return IndexIn(Words, word.Trim());
    }

    /// <summary>The pairs as <see cref="Parse"/> reads them.</summary>
    public override string ToString() => string.Join(",", Values.Zip(Words, (value, word) => $"{value}={word}"));

    private static LabelWords Of(string text, (string Value, string Word)[] pairs)
    {
        string[] values = [.. pairs.Select(pair => pair.Value)];
        string[] words = [.. pairs.Select(pair => pair.Word.Trim())];
        if (values.Contains(""))
            throw TaskException.BadLabelWords(text, "a value is empty");
        if (words.Contains(""))
            throw TaskException.BadLabelWords(text, "a word is empty");
        if (Twice(values) is { } value)
            throw TaskException.BadLabelWords(text, $"value '{value}' stands there twice");
        if (Twice(words) is { } word)
            throw TaskException.BadLabelWords(text, $"word '{word}' stands for two values");
        return pairs.Length > 1 ? new LabelWords(values, words) : throw TaskException.BadLabelWords(text, "one label leaves nothing to choose, at least two are needed");
    }

    private static string? Twice(IEnumerable<string> texts) => texts.GroupBy(text => text).FirstOrDefault(same => same.Count() > 1)?.Key;

    private static int? IndexIn(IReadOnlyList<string> texts, string text)
    {
        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] == text)
                return i;
        }

        return null;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace ResidualPrompts.Tasks;

/// <summary>
/// The labels of a task, in order. Each has a value, which identifies it in the data, and a word, which T5 must produce. Values are compared as exact
/// text; only where no label is written so,
/// <c>5.0</c> is also 5 and <c>True</c> also <c>true</c>. Two instances are equal when their texts, values and words are equal.
/// </summary>
public sealed partial class LabelWords : IEquatable<LabelWords>
{
    private readonly string _text;
    private readonly string[] _values;
    private readonly string[] _words;

    private LabelWords(string text, string? problem, IEnumerable<(string Value, string Word)> pairs)
    {
        (_text, _values, _words) = (text, [.. pairs.Select(pair => pair.Value)], [.. pairs.Select(pair => pair.Word.Trim())]);
        Problem = problem ?? ProblemOf(_values, _words);
    }

    /// <summary>The labels' values in the data.</summary>
    /// <exception cref="TaskException">The text holds no label words.</exception>
    public IReadOnlyList<string> Values => Checked(_values);

    /// <summary>The words that T5 must produce, which also name the labels in predictions and reports.</summary>
    /// <exception cref="TaskException">The text holds no label words.</exception>
    public IReadOnlyList<string> Words => Checked(_words);

    /// <summary>What is wrong with the text, or null.</summary>
    internal string? Problem { get; }

    /// <summary>Number of labels.</summary>
    public int Count => Words.Count;

    /// <summary>Parses <c>0=negative,1=positive</c>; white space around values and words is removed.</summary>
    /// <param name="labelWords">Pairs value=word, separated by commas. A word may contain '=', neither may contain a comma.</param>
    /// <exception cref="TaskException">There are fewer than two pairs, a pair has no '=', or a value or word is empty or occurs twice.</exception>
    public static LabelWords Parse(string labelWords)
    {
        ArgumentNullException.ThrowIfNull(labelWords);
        return Read(labelWords).Checked();
    }

    /// <summary>Parses a text; returns false when it holds no label words.</summary>
    /// <param name="text">The text.</param>
    /// <param name="labelWords">The label words.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LabelWords? labelWords)
    {
        labelWords = text is null ? null : Read(text);
        if (labelWords?.Problem is not null)
            labelWords = null;
        return labelWords is not null;
    }

    /// <summary>Converts any text. If it holds no label words, their first use throws.</summary>
    /// <param name="text">The text.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator LabelWords?(string? text) => text is null ? null : Read(text);

    /// <summary>Creates label words from pairs, whose texts may contain any character.</summary>
    /// <param name="pairs">Value and word of each label.</param>
    /// <exception cref="TaskException">As in <see cref="Parse"/>.</exception>
    public static LabelWords Of(params (string Value, string Word)[] pairs) =>
        new LabelWords(string.Join(",", pairs.Select(pair => $"{pair.Value}={pair.Word.Trim()}")), null, pairs).Checked();

    /// <summary>Creates label words whose values are their indices, 0, 1, …, as in data sets of the Hugging Face hub.</summary>
    /// <param name="words">The words, in label order.</param>
    /// <exception cref="TaskException">As in <see cref="Parse"/>.</exception>
    public static LabelWords Of(params IReadOnlyList<string> words) =>
        Of([.. words.Index().Select(word => (word.Index.ToString(CultureInfo.InvariantCulture), word.Item))]);

    /// <summary>The index of a label by its value in the data; null when there is none.</summary>
    /// <param name="value">The value.</param>
    public int? Find(string value) => IndexIn(Values, value);

    /// <summary>The index of a label by its word, ignoring surrounding white space; null when there is none.</summary>
    /// <param name="word">The word, such as an answer of T5.</param>
    public int? FindWord(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return IndexIn(Words, word.Trim());
    }

    /// <summary>
    /// The index of a label by what a row says of it, value or word: as it is written, or, only where no label is written so, in another spelling of
    /// the same value (see <see cref="Plain"/>).
    /// </summary>
    internal int? Match(string found) => Find(found) ?? FindWord(found) ?? OnlyIn(Values, found) ?? OnlyIn(Words, found);

    /// <summary>
    /// The spelling that values share: tables write 5 as <c>5.0</c> where a column has gaps, and truth values as <c>True</c> or <c>TRUE</c>. Any
    /// other fraction stays, since 1.10 is a name that differs from 1.1.
    /// </summary>
    internal static string Plain(string value) => value.Trim() switch
    {
        "True" or "TRUE" => "true",
        "False" or "FALSE" => "false",
        var text when ZeroFraction().Match(text) is { Success: true } whole => whole.Groups[1].Value is "-0" ? "0" : whole.Groups[1].Value,
        var text => text,
    };

    /// <inheritdoc/>
    public bool Equals(LabelWords? other) =>
        other is not null && other._text == _text && other._values.SequenceEqual(_values) && other._words.SequenceEqual(_words);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelWords);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The original text; for pairs, a text that <see cref="Parse"/> understands.</summary>
    public override string ToString() => _text;

    private static LabelWords Read(string text)
    {
        var pairs = text.Split(',', StringSplitOptions.TrimEntries);
        string? problem = null;
        foreach (var pair in pairs)
            problem ??= pair.Length == 0 ? "a pair is empty"
                : pair.Contains('=', StringComparison.Ordinal) ? null : $"'{ShownText.Value(pair)}' has no '='";
        return new LabelWords(text, problem, problem is not null ? [] : pairs
            .Select(pair => pair.Split('=', 2, StringSplitOptions.TrimEntries)).Select(pair => (pair[0], pair[1])));
    }

    private static string? ProblemOf(string[] values, string[] words) =>
        values.Contains("") ? "a value is empty"
        : words.Contains("") ? "a word is empty"
        : Twice(values) is { } value ? $"value '{ShownText.Value(value)}' occurs twice"
        : Twice(words) is { } word ? $"word '{ShownText.Value(word)}' stands for two values"
        : values.Length > 1 ? null : "one label leaves nothing to choose, at least two are needed";

    private LabelWords Checked() => Checked(this);

    private T Checked<T>(T value) => Problem is null ? value : throw TaskException.BadLabelWords(_text, Problem);

    private static string? Twice(IEnumerable<string> texts) => texts.GroupBy(text => text).FirstOrDefault(same => same.Count() > 1)?.Key;

    /// <summary>The only text of the same value; null when there is none, or several.</summary>
    private static int? OnlyIn(IReadOnlyList<string> texts, string found)
    {
        var plain = Plain(found);
        int[] same = [.. texts.Index().Where(text => Plain(text.Item) == plain).Select(text => text.Index)];
        return same is [var only] ? only : null;
    }

    [GeneratedRegex(@"^([+-]?[0-9]+)\.0+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ZeroFraction();

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

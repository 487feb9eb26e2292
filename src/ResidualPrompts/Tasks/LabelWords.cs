namespace ResidualPrompts.Tasks;

/// <summary>Label values of a data set and the word that stands for each, in label order.</summary>
public sealed class LabelWords
{
    private readonly string[] _values;

    private LabelWords(IReadOnlyList<(string Value, string Word)> pairs)
    {
        _values = [.. pairs.Select(pair => pair.Value)];
        Words = [.. pairs.Select(pair => pair.Word)];
    }

    /// <summary>The words, in label order.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Label values with their words, <c>0=negative,1=positive</c>, for messages.</summary>
    public string Shown => string.Join(",", _values.Zip(Words, (value, word) => $"{value}={word}"));

    /// <summary>Words for the values 0, 1, ….</summary>
    /// <param name="words">The words, in label order.</param>
    public static LabelWords Numbered(params string[] words) => new([.. words.Select((word, i) => ($"{i}", word))]);

    /// <summary>Parses <c>"0=negative,1=positive"</c>.</summary>
    /// <param name="text">The pairs.</param>
    /// <exception cref="TaskException">A pair is malformed, or a value or word stands twice, or there are fewer than two.</exception>
    public static LabelWords Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var pairs = new List<(string Value, string Word)>();
        foreach (var pair in text.Split(','))
        {
            if (pair.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } value, { Length: > 0 } word])
                throw TaskException.LabelWords(text, $"'{pair.Trim()}' is no pair");
            if (pairs.Exists(other => other.Value == value))
                throw TaskException.LabelWords(text, $"the value {value} stands twice");
            if (pairs.Exists(other => other.Word == word))
                throw TaskException.LabelWords(text, $"the word {word} stands twice");
            pairs.Add((value, word));
        }

        return pairs.Count >= 2 ? new LabelWords(pairs) : throw TaskException.LabelWords(text, "there is one label only");
    }

    /// <summary>The word of a label value, compared as text; data that holds the words themselves is understood too.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The word, or null when the value is none of these.</returns>
    public string? WordOf(string value)
    {
        var index = Array.IndexOf(_values, value);
        return index >= 0 ? Words[index] : Words.Contains(value) ? value : null;
    }
}

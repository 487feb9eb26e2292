using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ResidualPrompts.Runs.Settings;

/// <summary>
/// The source of a prompt's initial rows. It can be written as text: <c>vocabulary</c>, <c>vocabulary:5000</c>, <c>uniform:0.5</c>,
/// <c>text:"classify this"</c>, <c>label-words</c>, <c>file:prompt.npy</c>, or the path of an existing file. Numbers have a decimal point in
/// every culture. Two are equal when their texts are equal.
/// </summary>
public sealed class PromptInit : IEquatable<PromptInit>
{
    private const string Forms =
        "vocabulary, vocabulary:N, uniform, uniform:RANGE, text:\"…\", label-words, file:PATH, or the path of an existing file";
    private const double OriginalRange = 0.5;

    private readonly string _text;

    private PromptInit(string text) => _text = text;

    /// <summary>The label words, then vocabulary rows.</summary>
    public static PromptInit LabelWords { get; } = new("label-words");

    /// <summary>The problem with the text, or null. The existence of a file is checked at each call.</summary>
    internal string? Problem => Read() switch
    {
        null => $"is {ShownText.Value(_text)}, expected {Forms}",
        StartRows.PromptFile { Path: var path } when !Path.Exists(path) => $"names {ShownText.Value(path)}, which does not exist"
            + (NearestPath.Of(path) is { } nearest ? $"; did you mean {ShownText.Value(nearest)}?" : ""),
        _ => null,
    };

    /// <summary>The parsed form.</summary>
    /// <exception cref="RunSpecException">The text has none of the forms.</exception>
    internal StartRows Rows => Read() ?? throw RunSpecException.Of([new RunProblem("prompt_init", $"is {ShownText.Value(_text)}, expected {Forms}")]);

    /// <summary>Rows of ordinary tokens of the vocabulary.</summary>
    /// <param name="mostCommon">Sample only from this many most common tokens; null = from all.</param>
    public static PromptInit Vocabulary(int? mostCommon = null) =>
        Parse(mostCommon is null ? "vocabulary" : string.Create(CultureInfo.InvariantCulture, $"vocabulary:{mostCommon}"));

    /// <summary>Uniform random numbers in (−range, range).</summary>
    /// <param name="range">Above 0; the original's is 0.5.</param>
    public static PromptInit Uniform(double range = OriginalRange) => Parse(string.Create(CultureInfo.InvariantCulture, $"uniform:{range:R}"));

    /// <summary>The rows of a text's tokens.</summary>
    /// <param name="text">The text.</param>
    public static PromptInit OfText(string text) => Parse($"text:\"{text}\"");

    /// <summary>The rows of an existing prompt.</summary>
    /// <param name="path">A file or directory in any prompt format.</param>
    public static PromptInit OfFile(string path) => Parse($"file:{path}");

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text; <see cref="ToString"/> returns it unchanged.</param>
    /// <exception cref="RunSpecException">The text has none of the forms.</exception>
    public static PromptInit Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var init = new PromptInit(text);
        _ = init.Rows;
        return init;
    }

    /// <summary>Reads a text if it has one of the forms.</summary>
    /// <param name="text">The text.</param>
    /// <param name="init">The initialization.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PromptInit? init)
    {
        init = text is null ? null : new PromptInit(text);
        if (init?.Read() is null)
            init = null;
        return init is not null;
    }

    /// <summary>Wraps a text without checking it; <see cref="RunSpec.Validate"/> reports a text with none of the forms.</summary>
    /// <param name="text">The text.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator PromptInit?(string? text) => text is null ? null : new PromptInit(text);

    /// <summary>Whether the rows are those of an existing prompt.</summary>
    internal bool IsFile => Read() is StartRows.PromptFile;

    /// <inheritdoc/>
    public bool Equals(PromptInit? other) => other is not null && other._text == _text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PromptInit);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The text as it was written.</summary>
    public override string ToString() => _text;

    private StartRows? Read()
    {
        var (kind, argument) = _text.Split(':', 2) is [var before, var after] ? (before, after) : (_text, null);
        return (kind, argument) switch
        {
            ("vocabulary", null) => new StartRows.Vocabulary(null),
            ("vocabulary", _)
                when int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 =>
                new StartRows.Vocabulary(count),
            ("uniform", null) => new StartRows.Uniform(OriginalRange),
            ("uniform", _)
                when double.TryParse(argument, NumberStyles.Float, CultureInfo.InvariantCulture, out var range)
                    && range > 0 && double.IsFinite(range) =>
                new StartRows.Uniform(range),
            ("text", { Length: > 0 }) => new StartRows.Text(argument.Trim('"')),
            ("label-words", null) => new StartRows.LabelWords(),
            ("file", { Length: > 0 }) => new StartRows.PromptFile(argument),
            _ when Path.Exists(_text) => new StartRows.PromptFile(_text),
            _ => null,
        };
    }
}

using System.Globalization;

namespace ResidualPrompts.Runs.Settings;

/// <summary>Where start rows of a prompt come from: the parsed form of <see cref="RunSpec.PromptInit"/>.</summary>
internal abstract record PromptInit
{
    private const string Forms = "vocabulary, vocabulary:N, uniform, uniform:RANGE, text:\"…\", label-words, file:PATH, or the path of an existing file";
    private const double OriginalRange = 0.5;

    private PromptInit()
    {
    }

    /// <summary>Rows of ordinary pieces, of the most common ones only when there is a number.</summary>
    internal sealed record Vocabulary(int? MostCommon) : PromptInit;

    /// <summary>Uniform in (−range, range).</summary>
    internal sealed record Uniform(double Range) : PromptInit;

    /// <summary>The tokens of a text.</summary>
    internal sealed record Text(string Value) : PromptInit;

    /// <summary>The label words, then vocabulary rows.</summary>
    internal sealed record LabelWords : PromptInit;

    /// <summary>A prompt that exists.</summary>
    internal sealed record PromptFile(string Path) : PromptInit;

    /// <summary>What is wrong with a text, or null.</summary>
    internal static string? Problem(string text) => TryParse(text, out _);

    /// <summary>Parses a text that <see cref="Problem"/> has nothing to say about.</summary>
    internal static PromptInit Parse(string text) =>
        TryParse(text, out var start) is { } problem ? throw new ArgumentException(problem, nameof(text)) : start!;

    private static string? TryParse(string text, out PromptInit? start)
    {
        var (kind, argument) = text.Split(':', 2) is [var before, var after] ? (before, after) : (text, null);
        start = (kind, argument) switch
        {
            ("vocabulary", null) => new Vocabulary(null),
            ("vocabulary", _) when int.TryParse(argument, NumberStyles.None, null, out var count) && count > 0 => new Vocabulary(count),
            ("uniform", null) => new Uniform(OriginalRange),
            ("uniform", _) when double.TryParse(argument, NumberStyles.Float, null, out var range) && range > 0 && double.IsFinite(range) => new Uniform(range),
            ("text", { Length: > 0 }) => new Text(argument.Trim('"')),
            ("label-words", null) => new LabelWords(),
            ("file", { Length: > 0 }) => new PromptFile(argument),
            _ when Path.Exists(text) => new PromptFile(text),
            _ => null,
        };
        return start is null ? $"is {text}, expected {Forms}" : null;
    }
}

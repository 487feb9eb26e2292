using System.Globalization;
using System.Text.RegularExpressions;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>Scores of sentence similarity, 0 to 5, as text.</summary>
internal static partial class SimilarityScore
{
    /// <summary>The field that holds the score.</summary>
    internal const string Field = "similarity_score";

    private const decimal Steps = 5; // T5's grid is a fifth, 0.2

    /// <summary>
    /// The nearest multiple of 0.2, ties to even, with one decimal, as in T5's training (Raffel et al. 2020); null without a score.
    /// </summary>
    public static string? Rounded(Example example) => Score(example) is { } score
        ? (Math.Round(score * Steps, MidpointRounding.ToEven) / Steps).ToString("0.0", CultureInfo.InvariantCulture)
        : null;

    /// <summary>
    /// The original's target: the first three characters of the score as a single-precision number, so 3.8 becomes 3.7; null without a score.
    /// </summary>
    public static string? Truncated(Example example)
    {
        if (Score(example) is not { } score)
            return null;
        var text = ((double)(float)score).ToString("R", CultureInfo.InvariantCulture);
        return (text.Contains('.') ? text : text + ".0")[..3];
    }

    /// <summary>The score as written in the data; null without one.</summary>
    public static IReadOnlyList<string>? Raw(Example example) => Score(example) is null ? null : [example.Value(Field)];

    /// <summary>
    /// Parses a finite decimal number, ignoring surrounding white space; null when the text is not one. <c>4.</c>, <c>.5</c> and <c>5e0</c> are
    /// numbers; thousands separators are not allowed.
    /// </summary>
    /// <param name="text">The text.</param>
    public static double? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var trimmed = text.Trim();
        return Decimal().IsMatch(trimmed) && double.Parse(trimmed, NumberStyles.Float, CultureInfo.InvariantCulture) is var number
            && double.IsFinite(number) ? number : null;
    }

    private static decimal? Score(Example example)
    {
        if (!example.Has(Field) || example.Value(Field) is not { Length: > 0 } text)
            return null;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var score))
            throw example.Problem($"'{Field}' is '{Example.Shortened(text)}', expected a number from 0 to 5");
        return score < 0 ? null : score; // the hub writes -1 for a missing score
    }

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}

namespace ResidualPrompts.Runs.Settings;

/// <summary>The parsed form of a <see cref="PromptInit"/>: the source of a prompt's initial rows.</summary>
internal abstract record StartRows
{
    private StartRows()
    {
    }

    /// <summary>Rows of ordinary tokens; with a number, only of that many most common ones.</summary>
    internal sealed record Vocabulary(int? MostCommon) : StartRows;

    /// <summary>Uniform random numbers in (−range, range).</summary>
    internal sealed record Uniform(double Range) : StartRows;

    /// <summary>The rows of a text's tokens.</summary>
    internal sealed record Text(string Value) : StartRows;

    /// <summary>The label words, then vocabulary rows.</summary>
    internal sealed record LabelWords : StartRows;

    /// <summary>An existing prompt.</summary>
    internal sealed record PromptFile(string Path) : StartRows;
}

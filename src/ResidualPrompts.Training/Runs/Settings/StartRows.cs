namespace ResidualPrompts.Runs.Settings;

/// <summary>Where the start rows of a prompt come from: what a <see cref="PromptInit"/> means.</summary>
internal abstract record StartRows
{
    private StartRows()
    {
    }

    /// <summary>Rows of ordinary pieces, of the most common ones only when there is a number.</summary>
    internal sealed record Vocabulary(int? MostCommon) : StartRows;

    /// <summary>Uniform in (−range, range).</summary>
    internal sealed record Uniform(double Range) : StartRows;

    /// <summary>The tokens of a text.</summary>
    internal sealed record Text(string Value) : StartRows;

    /// <summary>The label words, then vocabulary rows.</summary>
    internal sealed record LabelWords : StartRows;

    /// <summary>A prompt that exists.</summary>
    internal sealed record PromptFile(string Path) : StartRows;
}

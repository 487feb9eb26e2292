namespace ResidualPrompts.Data.Text;

/// <summary>One line of a text file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Text">Without the line break.</param>
internal readonly record struct TextLine(long Number, string Text)
{
    /// <summary>Why the line could not be decoded; its text then has replacement characters. Null when it was decoded.</summary>
    internal DataException? Problem { get; init; }
}

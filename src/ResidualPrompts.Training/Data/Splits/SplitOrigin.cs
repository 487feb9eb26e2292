namespace ResidualPrompts.Data.Splits;

/// <summary>Where the rows of a split came from.</summary>
/// <param name="Kind">How they were taken.</param>
/// <param name="Source">The split whose rows they are.</param>
/// <param name="SourceCount">All rows of that split, before any were selected.</param>
internal sealed record SplitOrigin(SplitOriginKind Kind, DataSplit Source, int SourceCount);

/// <summary>How the rows of a split were taken.</summary>
internal enum SplitOriginKind
{
    /// <summary>They are the rows of the source, or those selected per class.</summary>
    Own,

    /// <summary>They were held out of the training rows.</summary>
    HeldOut,

    /// <summary>They are one half of the source.</summary>
    Half,
}

namespace ResidualPrompts.Data.Splits;

/// <summary>What about the rows of a run may not be what its user expects.</summary>
internal enum SplitSurprise
{
    /// <summary>A file of data in the folder belongs to no split, or another file takes precedence.</summary>
    UnreadFile,

    /// <summary>A class has fewer training rows than were asked for.</summary>
    SmallTrainingClass,

    /// <summary>A class has fewer validation rows than were asked for.</summary>
    SmallValidationClass,

    /// <summary>There are too few training rows to hold any out.</summary>
    NothingHeldOut,
}

/// <summary>A surprise in the choice of rows.</summary>
/// <param name="Surprise">Its kind.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Available">Of a class that is too small: the number of its rows. Else null.</param>
internal sealed record SplitFinding(SplitSurprise Surprise, string Message, int? Available = null);

namespace ResidualPrompts.Data.Parquet;

/// <summary>What the values of a column stand for.</summary>
internal enum ParquetMeaning
{
    /// <summary>Their physical type: a number, a truth value, or bytes, which are shown as text where they are UTF-8, else in base64.</summary>
    Plain,

    /// <summary>UTF-8.</summary>
    Text,

    /// <summary>An integer without sign.</summary>
    Unsigned,

    /// <summary>An integer with a scale: as many digits of it are behind the point.</summary>
    Decimal,

    /// <summary>Days since 1970.</summary>
    Date,

    /// <summary>A time of day.</summary>
    Time,

    /// <summary>A time since 1970: of UTC, or of a clock on a wall somewhere.</summary>
    Timestamp,

    /// <summary>A day of the Julian calendar's count and nanoseconds within it, in UTC.</summary>
    JulianTimestamp,

    /// <summary>A duration of months, days and milliseconds.</summary>
    Interval,

    /// <summary>A number of 16 bits.</summary>
    Half,

    /// <summary>A universally unique identifier.</summary>
    Uuid,
}

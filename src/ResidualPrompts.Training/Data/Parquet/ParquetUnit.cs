namespace ResidualPrompts.Data.Parquet;

/// <summary>The unit of a time, as digits of a second's fraction.</summary>
internal enum ParquetUnit
{
    /// <summary>Milliseconds.</summary>
    Milliseconds = 3,

    /// <summary>Microseconds.</summary>
    Microseconds = 6,

    /// <summary>Nanoseconds.</summary>
    Nanoseconds = 9,
}

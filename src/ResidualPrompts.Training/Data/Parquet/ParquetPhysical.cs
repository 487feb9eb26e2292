namespace ResidualPrompts.Data.Parquet;

/// <summary>How values are stored; the numbers are the format's.</summary>
internal enum ParquetPhysical
{
    /// <summary>Truth values.</summary>
    Boolean = 0,

    /// <summary>32-bit integers.</summary>
    Int32 = 1,

    /// <summary>64-bit integers.</summary>
    Int64 = 2,

    /// <summary>Twelve bytes.</summary>
    Int96 = 3,

    /// <summary>Single-precision numbers.</summary>
    Float = 4,

    /// <summary>Double-precision numbers.</summary>
    Double = 5,

    /// <summary>Bytes with a length.</summary>
    Bytes = 6,

    /// <summary>Bytes of a length that the column has.</summary>
    FixedBytes = 7,
}

namespace ResidualPrompts.Compute.Managed;

/// <summary>A strided view of a float32 matrix.</summary>
/// <param name="start">Its first element.</param>
/// <param name="rowStride">Elements from one row to the next.</param>
/// <param name="columnStride">Elements from one column to the next.</param>
internal readonly unsafe struct MatrixView(float* start, nint rowStride, nint columnStride = 1)
{
    /// <summary>A contiguous matrix.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="columnCount">Its columns.</param>
    internal static MatrixView Of(byte* start, long columnCount) => new((float*)start, (nint)columnCount);

    internal float* Start => start;

    internal nint RowStride => rowStride;

    internal nint ColumnStride => columnStride;

    /// <summary>The transpose, without moving an element.</summary>
    internal MatrixView Transposed => new(start, columnStride, rowStride);

    /// <summary>Address of an element.</summary>
    internal float* At(int row, int column) => start + (row * rowStride) + (column * columnStride);

    /// <summary>The view from a given element on.</summary>
    internal MatrixView From(int row, int column) => new(At(row, column), rowStride, columnStride);
}

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// Divides a product [R, N] into blocks of micro-tiles, which threads take one at a time. When another process slows one thread down, the other
/// threads take more blocks.
/// </summary>
internal readonly struct GemmBlocking
{
    // MC rows of KC elements stay in a core's L2 cache while panel after panel is multiplied with them.
    private const int MC = 256;
    private const int MaxPanels = 8; // NC = 8 · NR

    private const int BlocksPerThread = 4;
    private const int MinOperationsForThreads = 1 << 20;

    private readonly int _rowCount, _columnCount; // of the product
    private readonly int _rows, _columns; // of a block
    private readonly int _columnBlockCount;

    /// <summary>Chooses the blocks.</summary>
    /// <param name="rowCount">R; no size is zero.</param>
    /// <param name="innerCount">Elements of each sum.</param>
    /// <param name="columnCount">N</param>
    /// <param name="mr">Rows of a micro-tile.</param>
    /// <param name="nr">Columns of a micro-tile.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal GemmBlocking(int rowCount, int innerCount, int columnCount, int mr, int nr, int threadCount)
    {
        (_rowCount, _columnCount) = (rowCount, columnCount);
        ThreadCount = (long)rowCount * innerCount * columnCount < MinOperationsForThreads ? 1 : threadCount;
        var rowBlockCount = DivideUp(rowCount, MC);
        _rows = DivideUp(DivideUp(rowCount, rowBlockCount), mr) * mr;
        rowBlockCount = DivideUp(rowCount, _rows);
        var wanted = ThreadCount == 1 ? 1 : DivideUp(BlocksPerThread * ThreadCount, rowBlockCount);
        var panelCount = DivideUp(columnCount, nr);
        var columnBlockCount = Math.Min(panelCount, Math.Max(wanted, DivideUp(panelCount, MaxPanels)));
        var panels = DivideUp(panelCount, columnBlockCount);
        _columns = panels * nr;
        _columnBlockCount = DivideUp(panelCount, panels);
        Count = rowBlockCount * _columnBlockCount;
    }

    /// <summary>Maximum number of threads: one for a small product.</summary>
    internal int ThreadCount { get; }

    /// <summary>Number of blocks.</summary>
    internal int Count { get; }

    /// <summary>A block's first row and column, and its size.</summary>
    internal (int Row, int Column, int RowCount, int ColumnCount) this[int block]
    {
        get
        {
            var (row, column) = (block / _columnBlockCount * _rows, block % _columnBlockCount * _columns);
            return (row, column, Math.Min(_rows, _rowCount - row), Math.Min(_columns, _columnCount - column));
        }
    }

    private static int DivideUp(int count, int size) => (count + size - 1) / size;
}

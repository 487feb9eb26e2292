namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// A product [R, N] cut into blocks of tiles that threads take one after another: with a processor lost to something else, the others take more.
/// </summary>
internal readonly struct GemmBlocking
{
    // The rows of a block, as far as a panel reaches, stay in a core's second cache while panel after panel goes over them.
    private const int MC = 256;
    private const int MaxPanels = 8;

    private const int BlocksPerThread = 4;
    private const int MinOperationsForThreads = 1 << 20;

    private readonly int _rowCount, _columnCount; // of the product
    private readonly int _rows, _columns; // of a block
    private readonly int _columnBlockCount;

    /// <summary>Cuts a product.</summary>
    /// <param name="rowCount">R; no size is zero.</param>
    /// <param name="innerCount">Elements of each sum.</param>
    /// <param name="columnCount">N</param>
    /// <param name="tileRowCount">Rows of a tile.</param>
    /// <param name="panelWidth">Columns of a tile.</param>
    /// <param name="threadCount">The most threads to take.</param>
    internal GemmBlocking(int rowCount, int innerCount, int columnCount, int tileRowCount, int panelWidth, int threadCount)
    {
        (_rowCount, _columnCount) = (rowCount, columnCount);
        ThreadCount = (long)rowCount * innerCount * columnCount < MinOperationsForThreads ? 1 : threadCount;
        var rowBlockCount = DivideUp(rowCount, MC);
        _rows = DivideUp(DivideUp(rowCount, rowBlockCount), tileRowCount) * tileRowCount;
        rowBlockCount = DivideUp(rowCount, _rows);
        var wanted = ThreadCount == 1 ? 1 : DivideUp(BlocksPerThread * ThreadCount, rowBlockCount);
        var panelCount = DivideUp(columnCount, panelWidth);
        var columnBlockCount = Math.Min(panelCount, Math.Max(wanted, DivideUp(panelCount, MaxPanels)));
        var panels = DivideUp(panelCount, columnBlockCount);
        _columns = panels * panelWidth;
        _columnBlockCount = DivideUp(panelCount, panels);
        Count = rowBlockCount * _columnBlockCount;
    }

    /// <summary>The most threads to take: one where the product is small.</summary>
    internal int ThreadCount { get; }

    /// <summary>How many blocks there are.</summary>
    internal int Count { get; }

    /// <summary>A block's first row and column, and how many there are of both.</summary>
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

using System.Runtime.CompilerServices;

namespace ResidualPrompts.Models.T5.Products;

/// <summary>
/// One product c = a · b, cut into blocks that threads take one after another: with a processor lost to something else, the others take more.
/// Every element is summed in the same order whoever does it, so that results do not depend on the number of threads.
/// </summary>
/// <param name="kernel">Multiplies.</param>
/// <param name="a">[R, K], row after row.</param>
/// <param name="b">[K, N], or [N, K] where it is turned, row after row.</param>
/// <param name="c">[R, N], row after row; written.</param>
/// <param name="rowCount">R; no size is zero.</param>
/// <param name="innerCount">K</param>
/// <param name="columnCount">N</param>
/// <param name="isTurned">Whether b's rows are its columns.</param>
internal sealed unsafe class BlockedProduct(
    ProductKernel kernel, float* a, float* b, float* c, int rowCount, int innerCount, int columnCount, bool isTurned)
{
    // The rows of a block, as far as a panel reaches, stay in a core's second cache while panel after panel goes over them.
    private const int MostRows = 256;
    private const int MostPanels = 8;

    private const int Alignment = 64; // of a panel, in bytes
    private const int BlocksPerThread = 4;
    private const int FewestOperationsForThreads = 1 << 20;

    private readonly int _panelCount = DivideUp(columnCount, kernel.PanelWidth);
    private int _rows, _panels; // of a block
    private int _columnBlockCount, _blockCount;
    private int _next = -1;

    /// <summary>Computes.</summary>
    /// <param name="threadCount">The most threads to take.</param>
    internal void Run(int threadCount)
    {
        if ((long)rowCount * innerCount * columnCount < FewestOperationsForThreads)
            threadCount = 1;
        Cut(threadCount);
        if (threadCount == 1)
            TakeBlocks();
        else
            Parallel.For(0, threadCount, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, _ => TakeBlocks());
    }

    private void Cut(int threadCount)
    {
        var rowBlockCount = DivideUp(rowCount, MostRows);
        _rows = DivideUp(DivideUp(rowCount, rowBlockCount), kernel.RowCount) * kernel.RowCount;
        rowBlockCount = DivideUp(rowCount, _rows);
        var wanted = threadCount == 1 ? 1 : DivideUp(BlocksPerThread * threadCount, rowBlockCount);
        _columnBlockCount = Math.Min(_panelCount, Math.Max(wanted, DivideUp(_panelCount, MostPanels)));
        _panels = DivideUp(_panelCount, _columnBlockCount);
        _columnBlockCount = DivideUp(_panelCount, _panels);
        _blockCount = rowBlockCount * _columnBlockCount;
    }

    [SkipLocalsInit]
    private void TakeBlocks()
    {
        var room = stackalloc float[(WeightPanel.MostRows * kernel.PanelWidth) + (Alignment / sizeof(float))];
        var panel = new WeightPanel((float*)(((nuint)room + (Alignment - 1)) & ~(nuint)(Alignment - 1)), kernel.PanelWidth);
        for (var block = Interlocked.Increment(ref _next); block < _blockCount; block = Interlocked.Increment(ref _next))
        {
            var (row, column) = (block / _columnBlockCount * _rows, block % _columnBlockCount * _panels * kernel.PanelWidth);
            Fill(row, Math.Min(row + _rows, rowCount), column, Math.Min(column + (_panels * kernel.PanelWidth), columnCount), panel);
        }
    }

    private void Fill(int firstRow, int endRow, int firstColumn, int endColumn, WeightPanel panel)
    {
        for (var inner = 0; inner < innerCount; inner += WeightPanel.MostRows)
        {
            var height = Math.Min(WeightPanel.MostRows, innerCount - inner);
            for (var column = firstColumn; column < endColumn; column += kernel.PanelWidth)
            {
                var width = Math.Min(kernel.PanelWidth, endColumn - column);
                if (isTurned)
                    panel.FillTurned(b + ((nint)column * innerCount) + inner, innerCount, height, width);
                else
                    panel.Fill(b + ((nint)inner * columnCount) + column, columnCount, height, width);
                for (var row = firstRow; row < endRow; row += kernel.RowCount)
                    FillTile(row, Math.Min(kernel.RowCount, endRow - row), inner, height, column, width, panel);
            }
        }
    }

    private void FillTile(int firstRow, int rows, int inner, int height, int column, int width, WeightPanel panel)
    {
        var left = a + ((nint)firstRow * innerCount) + inner;
        var target = c + ((nint)firstRow * columnCount) + column;
        if (width == kernel.PanelWidth)
        {
            kernel.Multiply(left, innerCount, rows, panel.Start, height, target, columnCount, isSum: inner > 0);
            return;
        }

        var tile = stackalloc float[kernel.RowCount * kernel.PanelWidth]; // the kernel writes whole vectors
        kernel.Multiply(left, innerCount, rows, panel.Start, height, tile, kernel.PanelWidth, isSum: false);
        for (var row = 0; row < rows; row++, target += columnCount, tile += kernel.PanelWidth)
        {
            for (var i = 0; i < width; i++)
                target[i] = inner > 0 ? target[i] + tile[i] : tile[i];
        }
    }

    private static int DivideUp(int count, int size) => (count + size - 1) / size;
}

using System.Runtime.CompilerServices;
using ResidualPrompts.Native;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>
/// One product c = a · b, cut into blocks that threads take one after another: with a processor lost to something else, the others take more.
/// Every element is summed in the same order whoever does it, so that results do not depend on the number of threads.
/// </summary>
/// <param name="kernel">Multiplies.</param>
/// <param name="a">[R, K]</param>
/// <param name="b">[K, N], with rows or columns without gaps.</param>
/// <param name="c">[R, N], with rows without gaps; written.</param>
/// <param name="rowCount">R; no size is zero.</param>
/// <param name="innerCount">K</param>
/// <param name="columnCount">N</param>
internal sealed unsafe class BlockedProduct(ProductKernel kernel, MatrixPiece a, MatrixPiece b, MatrixPiece c, int rowCount, int innerCount, int columnCount)
{
    // The rows of a block, as far as a panel reaches, stay in a core's second cache while panel after panel goes over them.
    private const int MostRows = 256;
    private const int MostPanels = 8;

    private const int BlocksPerThread = 4;
    private const int FewestOperationsForThreads = 1 << 20;

    private readonly int _panelCount = DivideUp(columnCount, kernel.PanelWidth);
    private int _rows, _panels; // of a block
    private int _columnBlockCount, _blockCount;

    /// <summary>Computes.</summary>
    /// <param name="threadCount">The most threads to take.</param>
    internal void Run(int threadCount)
    {
        if ((long)rowCount * innerCount * columnCount < FewestOperationsForThreads)
            threadCount = 1;
        Cut(threadCount);
        ComputeTeam.Run(threadCount, _blockCount, TakeBlocks);
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
    private void TakeBlocks(WorkItems blocks)
    {
        var room = stackalloc float[WeightPanel.RoomFor(kernel.PanelWidth)];
        var product = new PieceProduct(kernel, new WeightPanel(room, kernel.PanelWidth));
        while (blocks.TryTake(out var block))
        {
            var (row, column) = (block / _columnBlockCount * _rows, block % _columnBlockCount * _panels * kernel.PanelWidth);
            var (rows, columns) = (Math.Min(_rows, rowCount - row), Math.Min(_panels * kernel.PanelWidth, columnCount - column));
            product.Multiply(a.From(row, 0), b.From(0, column), c.From(row, column), rows, innerCount, columns);
        }
    }

    private static int DivideUp(int count, int size) => (count + size - 1) / size;
}

using System.Runtime.CompilerServices;
using ResidualPrompts.Native;

namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>
/// One product c = a · b, in <see cref="ProductBlocks"/>. Every element is summed in the same order whoever does it, so that results do not depend
/// on the number of threads.
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
    private ProductBlocks _blocks;

    /// <summary>Computes.</summary>
    /// <param name="threadCount">The most threads to take.</param>
    internal void Run(int threadCount)
    {
        _blocks = new ProductBlocks(rowCount, innerCount, columnCount, kernel.RowCount, kernel.PanelWidth, threadCount);
        ComputeTeam.Run(_blocks.ThreadCount, _blocks.Count, TakeBlocks);
    }

    [SkipLocalsInit]
    private void TakeBlocks(WorkItems blocks)
    {
        var room = stackalloc float[WeightPanel.RoomFor(kernel.PanelWidth)];
        var product = new PieceProduct(kernel, new WeightPanel(room, kernel.PanelWidth));
        while (blocks.TryTake(out var block))
        {
            var (row, column, rows, columns) = _blocks[block];
            product.Multiply(a.From(row, 0), b.From(0, column), c.From(row, column), rows, innerCount, columns);
        }
    }
}

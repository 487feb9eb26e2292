using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// One product c = a · b, in <see cref="GemmBlocking"/>. Every element is summed in the same order whoever does it, so that results do not depend
/// on the number of threads.
/// </summary>
/// <param name="kernel">Multiplies.</param>
/// <param name="a">[R, K]</param>
/// <param name="b">[K, N], with rows or columns without gaps.</param>
/// <param name="c">[R, N], with rows without gaps; written.</param>
/// <param name="rowCount">R; no size is zero.</param>
/// <param name="innerCount">K</param>
/// <param name="columnCount">N</param>
internal sealed unsafe class BlockedGemm(MicroKernel kernel, MatrixView a, MatrixView b, MatrixView c, int rowCount, int innerCount, int columnCount)
{
    private GemmBlocking _blocks;

    /// <summary>Computes.</summary>
    /// <param name="threadCount">The most threads to take.</param>
    internal void Run(int threadCount)
    {
        _blocks = new GemmBlocking(rowCount, innerCount, columnCount, kernel.MR, kernel.NR, threadCount);
        ComputeTeam.Run(_blocks.ThreadCount, _blocks.Count, TakeBlocks);
    }

    [SkipLocalsInit]
    private void TakeBlocks(WorkItems blocks)
    {
        var room = stackalloc float[PackedPanel.RoomFor(kernel.NR)];
        var product = new ViewGemm(kernel, new PackedPanel(room, kernel.NR));
        while (blocks.TryTake(out var block))
        {
            var (row, column, rows, columns) = _blocks[block];
            product.Multiply(a.From(row, 0), b.From(0, column), c.From(row, column), rows, innerCount, columns);
        }
    }
}

using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// One product c = a · b on several threads, in the blocks of <see cref="GemmBlocking"/>. Every element is summed in the same order on any
/// thread, so the result does not depend on the number of threads.
/// </summary>
/// <param name="kernel">The micro-kernel.</param>
/// <param name="a">[R, K]</param>
/// <param name="b">[K, N], contiguous rows or columns.</param>
/// <param name="c">[R, N], contiguous rows; written.</param>
/// <param name="rowCount">R; no size is zero.</param>
/// <param name="innerCount">K</param>
/// <param name="columnCount">N</param>
internal sealed unsafe class BlockedGemm(MicroKernel kernel, MatrixView a, MatrixView b, MatrixView c, int rowCount, int innerCount, int columnCount)
{
    private GemmBlocking _blocks;

    /// <summary>Computes the whole product.</summary>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Run(int threadCount)
    {
        _blocks = new GemmBlocking(rowCount, innerCount, columnCount, kernel.MR, kernel.NR, threadCount);
        ComputeTeam.Run(_blocks.ThreadCount, _blocks.Count, TakeBlocks);
    }

    [SkipLocalsInit]
    private void TakeBlocks(WorkItems blocks)
    {
        var buffer = stackalloc float[PackedPanel.BufferSize(kernel.NR)];
        var product = new ViewGemm(kernel, new PackedPanel(buffer, kernel.NR));
        while (blocks.TryTake(out var block))
        {
            var (row, column, rows, columns) = _blocks[block];
            product.Multiply(a.From(row, 0), b.From(0, column), c.From(row, column), rows, innerCount, columns);
        }
    }
}

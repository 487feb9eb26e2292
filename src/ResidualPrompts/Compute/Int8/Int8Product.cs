using System.Runtime.CompilerServices;
using ResidualPrompts.Compute.Managed;

namespace ResidualPrompts.Compute.Int8;

/// <summary>One product of <see cref="Int8Rows"/> and an <see cref="Int8Weight"/>, in the blocks of <see cref="GemmBlocking"/>.</summary>
/// <param name="kernel">The micro-kernel.</param>
/// <param name="rows">[R, K]</param>
/// <param name="weight">[N, K]</param>
/// <param name="target">float32[R, N], contiguous rows; written.</param>
internal sealed unsafe class Int8Product(Int8MicroKernel kernel, Int8Rows rows, Int8Weight weight, MatrixView target)
{
    private GemmBlocking _blocks;

    /// <summary>Computes the whole product.</summary>
    /// <param name="threadCount">Maximum number of threads.</param>
    internal void Run(int threadCount)
    {
        _blocks = new GemmBlocking(rows.RowCount, rows.Size, weight.RowCount, kernel.MR, kernel.NR, threadCount);
        ComputeTeam.Run(_blocks.ThreadCount, _blocks.Count, TakeBlocks);
    }

    private void TakeBlocks(WorkItems blocks)
    {
        while (blocks.TryTake(out var block))
        {
            var (row, column, rowCount, columnCount) = _blocks[block];
            for (var panel = column; panel < column + columnCount; panel += kernel.NR)
            {
                for (var tileRow = row; tileRow < row + rowCount; tileRow += kernel.MR)
                {
                    var width = Math.Min(kernel.NR, column + columnCount - panel);
                    MultiplyTile(tileRow, panel, Math.Min(kernel.MR, row + rowCount - tileRow), width);
                }
            }
        }
    }

    [SkipLocalsInit]
    private void MultiplyTile(int row, int column, int rowCount, int width)
    {
        var (from, panel, to) = (rows.View.From(row), weight.PanelAt(column), target.From(row, column));
        if (width == kernel.NR)
        {
            kernel.Multiply(from, rowCount, panel, weight.Height, to.Start, to.RowStride);
            return;
        }

        var microTile = stackalloc float[kernel.MR * kernel.NR]; // the kernel writes whole vectors
        kernel.Multiply(from, rowCount, panel, weight.Height, microTile, kernel.NR);
        for (var i = 0; i < rowCount; i++)
            new Span<float>(microTile + (i * kernel.NR), width).CopyTo(new Span<float>(to.At(i, 0), width));
    }
}

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// Products c = a · b of submatrices, on the calling thread: packs one KC × NR panel of b after another and runs the micro-kernel down the rows of a.
/// </summary>
/// <param name="kernel">The micro-kernel.</param>
/// <param name="panel">Buffer for a panel of b, NR columns wide.</param>
internal readonly unsafe struct ViewGemm(MicroKernel kernel, PackedPanel panel)
{
    /// <summary>c = a · b, or c += a · b.</summary>
    /// <param name="a">[rowCount, innerCount]</param>
    /// <param name="b">[innerCount, columnCount], contiguous rows or columns.</param>
    /// <param name="c">[rowCount, columnCount], contiguous rows.</param>
    /// <param name="rowCount">Best at most MC: that many rows of KC elements fit into a core's L2 cache.</param>
    /// <param name="innerCount">At least 1.</param>
    /// <param name="columnCount">At least 1.</param>
    /// <param name="accumulate">Whether to add to c instead of overwriting it.</param>
    internal void Multiply(MatrixView a, MatrixView b, MatrixView c, int rowCount, int innerCount, int columnCount, bool accumulate = false)
    {
        for (var inner = 0; inner < innerCount; inner += PackedPanel.KC)
        {
            var height = Math.Min(PackedPanel.KC, innerCount - inner);
            var accumulateNow = accumulate || inner > 0;
            for (var column = 0; column < columnCount; column += kernel.NR)
            {
                var width = Math.Min(kernel.NR, columnCount - column);
                panel.Fill(b.From(inner, column), height, width);
                for (var row = 0; row < rowCount; row += kernel.MR)
                    MultiplyTile(a.From(row, inner), c.From(row, column), Math.Min(kernel.MR, rowCount - row), height, width, accumulateNow);
            }
        }
    }

    private void MultiplyTile(MatrixView a, MatrixView c, int rowCount, int height, int width, bool accumulate)
    {
        if (width == kernel.NR)
        {
            kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, c.Start, c.RowStride, accumulate);
            return;
        }

        var microTile = stackalloc float[kernel.MR * kernel.NR]; // the kernel writes whole vectors
        kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, microTile, kernel.NR, accumulate: false);
        for (var row = 0; row < rowCount; row++, microTile += kernel.NR)
        {
            var target = c.At(row, 0);
            for (var column = 0; column < width; column++)
                target[column] = accumulate ? target[column] + microTile[column] : microTile[column];
        }
    }
}

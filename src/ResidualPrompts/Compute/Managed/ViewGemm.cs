namespace ResidualPrompts.Compute.Managed;

/// <summary>Products c = a · b of pieces of matrices, by the thread that asks for them.</summary>
/// <param name="kernel">Multiplies.</param>
/// <param name="panel">Room for b, of the kernel's width.</param>
internal readonly unsafe struct ViewGemm(MicroKernel kernel, PackedPanel panel)
{
    /// <summary>c = a · b, or c += a · b.</summary>
    /// <param name="a">[rowCount, innerCount]</param>
    /// <param name="b">[innerCount, columnCount], with rows or columns without gaps.</param>
    /// <param name="c">[rowCount, columnCount], with rows without gaps.</param>
    /// <param name="rowCount">Best not more than fit into a core's second cache with 384 columns each.</param>
    /// <param name="innerCount">At least 1.</param>
    /// <param name="columnCount">At least 1.</param>
    /// <param name="accumulate">Whether c holds a part of the sum already.</param>
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
                    FillTile(a.From(row, inner), c.From(row, column), Math.Min(kernel.MR, rowCount - row), height, width, accumulateNow);
            }
        }
    }

    private void FillTile(MatrixView a, MatrixView c, int rowCount, int height, int width, bool accumulate)
    {
        if (width == kernel.NR)
        {
            kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, c.Start, c.RowStride, accumulate);
            return;
        }

        var tile = stackalloc float[kernel.MR * kernel.NR]; // the kernel writes whole vectors
        kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, tile, kernel.NR, accumulate: false);
        for (var row = 0; row < rowCount; row++, tile += kernel.NR)
        {
            var target = c.At(row, 0);
            for (var column = 0; column < width; column++)
                target[column] = accumulate ? target[column] + tile[column] : tile[column];
        }
    }
}

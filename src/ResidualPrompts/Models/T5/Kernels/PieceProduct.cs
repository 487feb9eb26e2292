namespace ResidualPrompts.Models.T5.Kernels;

/// <summary>Products c = a · b of pieces of matrices, by the thread that asks for them.</summary>
/// <param name="kernel">Multiplies.</param>
/// <param name="panel">Room for b, of the kernel's width.</param>
internal readonly unsafe struct PieceProduct(ProductKernel kernel, WeightPanel panel)
{
    /// <summary>c = a · b, or c += a · b.</summary>
    /// <param name="a">[rowCount, innerCount]</param>
    /// <param name="b">[innerCount, columnCount], with rows or columns without gaps.</param>
    /// <param name="c">[rowCount, columnCount], with rows without gaps.</param>
    /// <param name="rowCount">Best not more than fit into a core's second cache with 384 columns each.</param>
    /// <param name="innerCount">At least 1.</param>
    /// <param name="columnCount">At least 1.</param>
    /// <param name="isSum">Whether c holds a part of the sum already.</param>
    internal void Multiply(MatrixPiece a, MatrixPiece b, MatrixPiece c, int rowCount, int innerCount, int columnCount, bool isSum = false)
    {
        for (var inner = 0; inner < innerCount; inner += WeightPanel.MostRows)
        {
            var height = Math.Min(WeightPanel.MostRows, innerCount - inner);
            var isSumNow = isSum || inner > 0;
            for (var column = 0; column < columnCount; column += kernel.PanelWidth)
            {
                var width = Math.Min(kernel.PanelWidth, columnCount - column);
                panel.Fill(b.From(inner, column), height, width);
                for (var row = 0; row < rowCount; row += kernel.RowCount)
                    FillTile(a.From(row, inner), c.From(row, column), Math.Min(kernel.RowCount, rowCount - row), height, width, isSumNow);
            }
        }
    }

    private void FillTile(MatrixPiece a, MatrixPiece c, int rowCount, int height, int width, bool isSum)
    {
        if (width == kernel.PanelWidth)
        {
            kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, c.Start, c.RowStride, isSum);
            return;
        }

        var tile = stackalloc float[kernel.RowCount * kernel.PanelWidth]; // the kernel writes whole vectors
        kernel.Multiply(a.Start, a.RowStride, a.ColumnStride, rowCount, panel.Start, height, tile, kernel.PanelWidth, isSum: false);
        for (var row = 0; row < rowCount; row++, tile += kernel.PanelWidth)
        {
            var target = c.At(row, 0);
            for (var column = 0; column < width; column++)
                target[column] = isSum ? target[column] + tile[column] : tile[column];
        }
    }
}

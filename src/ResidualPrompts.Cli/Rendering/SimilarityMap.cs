using ScottPlot;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>
/// Plots the cosine similarity of all pairs of prompt rows as a heat map, red for similar and blue for opposite, with lines between prompts.
/// </summary>
internal static class SimilarityMap
{
    private const int CellSize = 26;
    private const int LargestSide = 1600;
    private const int SmallestSide = 320;
    private const int Around = 190; // labels, title, color bar
    private const int LongestLabel = 24;
    private const int MaxNumberedRows = 60;

    /// <summary>Writes the heat map.</summary>
    /// <param name="option">The option that gives the file.</param>
    /// <param name="path">An .svg or .png file.</param>
    /// <param name="prompts">Name and length of each prompt.</param>
    /// <param name="cosines">[ΣP, ΣP], prompt by prompt.</param>
    internal static void Write(string option, string path, IReadOnlyList<(string Name, int Length)> prompts, double[,] cosines)
    {
        var size = cosines.GetLength(0);
        using var plot = Picture.New();
        var map = plot.Add.Heatmap(Enlarged(cosines, Math.Max(1, Math.Min(CellSize, LargestSide / size)))); // the first row is at the top
        map.Position = new CoordinateRect(-0.5, size - 0.5, -0.5, size - 0.5);
        map.Colormap = new ScottPlot.Colormaps.Balance();
        map.ManualRange = new ScottPlot.Range(-1, 1);
        plot.Add.ColorBar(map).Label = "cosine";
        var (columns, rows) = (new ScottPlot.TickGenerators.NumericManual(), new ScottPlot.TickGenerators.NumericManual());
        foreach (var (at, label) in Ticks(prompts, size))
        {
            columns.AddMajor(at, label);
            rows.AddMajor(size - 1 - at, label);
        }

        plot.Axes.Bottom.TickGenerator = columns;
        plot.Axes.Left.TickGenerator = rows;
        if (prompts.Count > 1)
            plot.Axes.Bottom.TickLabelStyle.Rotation = prompts.Count > 3 ? -30 : 0;
        if (prompts.Count > 3)
            plot.Axes.Bottom.TickLabelStyle.Alignment = Alignment.UpperRight;
        AddBorders(plot, prompts, size);
        plot.Title(prompts.Count == 1 ? $"rows of {Short(prompts[0].Name)}" : "rows of prompts");
        plot.Axes.Margins(0, 0);
        var side = Math.Clamp(size * CellSize, SmallestSide, LargestSide) + Around;
        Picture.Write([plot], option, path, side + (Around / 3), side);
    }

    /// <summary>Tick labels: row numbers of one prompt, or the name of each prompt at the middle of its rows.</summary>
    private static IEnumerable<(double At, string Label)> Ticks(IReadOnlyList<(string Name, int Length)> prompts, int size)
    {
        if (prompts.Count == 1)
        {
            var step = (size + MaxNumberedRows - 1) / MaxNumberedRows;
            return Enumerable.Range(0, size).Where(row => row % step == 0).Select(row => ((double)row, $"{row}"));
        }

        var begin = 0;
        return prompts.Select(prompt =>
        {
            var middle = begin + ((prompt.Length - 1) / 2.0);
            begin += prompt.Length;
            return (middle, Short(prompt.Name));
        }).ToList();
    }

    /// <summary>Enlarges each cell to many pixels, because SVG viewers smooth enlarged images.</summary>
    private static double[,] Enlarged(double[,] cells, int times)
    {
        var size = cells.GetLength(0);
        var enlarged = new double[size * times, size * times];
        for (var i = 0; i < size * times; i++)
        {
            for (var j = 0; j < size * times; j++)
                enlarged[i, j] = cells[i / times, j / times];
        }

        return enlarged;
    }

    private static void AddBorders(Plot plot, IReadOnlyList<(string Name, int Length)> prompts, int size)
    {
        var end = 0;
        foreach (var (_, length) in prompts.SkipLast(1))
        {
            end += length;
            plot.Add.VerticalLine(end - 0.5, 1.5f, Colors.Black);
            plot.Add.HorizontalLine(size - end - 0.5, 1.5f, Colors.Black);
        }
    }

    private static string Short(string name)
    {
        var last = Path.GetFileName(Path.TrimEndingDirectorySeparator(name)) is { Length: > 0 } file ? file : name;
        var text = last == "adapter" && Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(name))) is { Length: > 0 } run
            ? $"{run}/{last}"
            : last;
        return text.Length <= LongestLabel ? text : text[..(LongestLabel - 1)] + "…";
    }
}

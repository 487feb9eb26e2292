using ScottPlot;
using SkiaSharp;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes plots to files. Text uses a bundled font, so that plots look the same on machines without fonts.</summary>
internal static class Picture
{
    private const string FontName = "DejaVu Sans";

    /// <summary>Creates a plot with the bundled font.</summary>
    internal static Plot New()
    {
        Fonts.AddFontFile(FontName, Path.Combine(AppContext.BaseDirectory, "assets", "fonts", "DejaVuSans.ttf"));
        Fonts.Default = FontName;
        var plot = new Plot();
        plot.Font.Set(FontName);
        return plot;
    }

    /// <summary>Checks that a file name has a supported extension.</summary>
    /// <param name="option">The option that gives the file.</param>
    /// <param name="path">The file.</param>
    internal static void Check(string option, string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".svg" or ".png"))
            throw new UsageException($"{option} is {path}, expected a file that ends in .svg or .png.");
    }

    /// <summary>Writes plots side by side in the format of the file's extension.</summary>
    internal static void Write(IReadOnlyList<Plot> panels, string option, string path, int panelWidth, int height)
    {
        Check(option, path);
        var all = new Multiplot(panels[0]);
        foreach (var panel in panels.Skip(1))
            all.Subplots.Add(panel);
        all.Layout = new ScottPlot.MultiplotLayouts.Columns();
        var width = panelWidth * panels.Count;
        var area = new PixelRect(0, width, height, 0);
        using var bytes = new MemoryStream();
        if (Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase))
        {
            using var canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), bytes);
            all.Render(canvas, area);
        }
        else
        {
            using var surface = SKSurface.Create(new SKImageInfo(width, height));
            all.Render(surface.Canvas, area);
            using var image = surface.Snapshot();
            using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
            encoded.SaveTo(bytes);
        }

        ReplacedFile.Write(path, bytes.ToArray(), $"{option} {path} cannot be written");
    }
}

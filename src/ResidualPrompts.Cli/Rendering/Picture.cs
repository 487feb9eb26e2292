using System.Text;
using ScottPlot;

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

    /// <summary>Writes the plot in the format of the file's extension.</summary>
    internal static void Write(Plot plot, string option, string path, int width, int height)
    {
        Check(option, path);
        var content = Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetBytes(plot.GetSvgXml(width, height))
            : plot.GetImageBytes(width, height, ImageFormat.Png);
        ReplacedFile.Write(path, content, $"{option} {path} cannot be written");
    }
}

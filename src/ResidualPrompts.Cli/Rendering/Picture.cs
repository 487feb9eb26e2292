using System.Text;
using ScottPlot;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Plots as files. Their letters come from a font that is shipped, so that a machine without fonts draws the same.</summary>
internal static class Picture
{
    private const string FontName = "DejaVu Sans";

    /// <summary>A new plot with the shipped font.</summary>
    internal static Plot New()
    {
        Fonts.AddFontFile(FontName, Path.Combine(AppContext.BaseDirectory, "assets", "fonts", "DejaVuSans.ttf"));
        Fonts.Default = FontName;
        var plot = new Plot();
        plot.Font.Set(FontName);
        return plot;
    }

    /// <summary>Refuses a file name that is not of a picture.</summary>
    /// <param name="option">The option that it came by.</param>
    /// <param name="path">The file.</param>
    internal static void Check(string option, string path)
    {
        if (Path.GetExtension(path).ToLowerInvariant() is not (".svg" or ".png"))
            throw new UsageException($"{option} is {path}, expected a file that ends in .svg or .png.");
    }

    /// <summary>Writes the picture in the format that the file's name says.</summary>
    internal static void Write(Plot plot, string option, string path, int width, int height)
    {
        Check(option, path);
        var content = Path.GetExtension(path).Equals(".svg", StringComparison.OrdinalIgnoreCase)
            ? Encoding.UTF8.GetBytes(plot.GetSvgXml(width, height))
            : plot.GetImageBytes(width, height, ImageFormat.Png);
        ReplacedFile.Write(path, content, $"{option} {path} cannot be written");
    }
}

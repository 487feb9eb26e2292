using ScottPlot;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>A point of a curve with its band.</summary>
/// <param name="X">The place on the horizontal axis.</param>
/// <param name="Middle">The curve's value.</param>
/// <param name="Low">The lower end of the band.</param>
/// <param name="High">The upper end of the band.</param>
internal readonly record struct BandPoint(double X, double Middle, double Low, double High);

/// <summary>Draws a curve over seeds: a line in a band of its color.</summary>
internal static class CurveBand
{
    private const double BandOpacity = 0.2;

    /// <summary>Draws a curve; nothing where it has no points.</summary>
    /// <param name="plot">The plot.</param>
    /// <param name="name">The curve's text in the legend.</param>
    /// <param name="points">The points, from left to right.</param>
    /// <returns>The curve's color; null where nothing was drawn.</returns>
    internal static Color? Draw(Plot plot, string name, IReadOnlyList<BandPoint> points)
    {
        if (points.Count == 0)
            return null;
        double[] places = [.. points.Select(point => point.X)];
        var curve = plot.Add.ScatterLine(places, [.. points.Select(point => point.Middle)]);
        curve.LegendText = name;
        curve.LineWidth = 2;
        if (points.All(point => point.Low == point.High))
            return curve.Color;
        var band = plot.Add.FillY(places, [.. points.Select(point => point.Low)], [.. points.Select(point => point.High)]);
        band.FillStyle.Color = curve.Color.WithAlpha(BandOpacity);
        band.LineStyle.Width = 0;
        return curve.Color;
    }
}

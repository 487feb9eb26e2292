using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class SpreadTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3, 3, 3, 3, 3)]
    [InlineData(new[] { 4.0, 1.0, 2.0 }, 2, 1, 4, 1.5, 3)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 9.0 }, 3, 1, 9, 1.75, 5.25)]
    [InlineData(new[] { 9.0, 8, 7, 6, 5, 4, 3, 2, 1 }, 5, 1, 9, 3, 7)]
    public void Between_two_values_median_and_quartiles_are_interpolated(
        double[] values, double median, double min, double max, double lower, double upper) =>
        Spread.Of(values).Should().Be(new Spread(median, min, max, lower, upper));
}

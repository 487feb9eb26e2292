using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class SpreadTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3, 3, 3)]
    [InlineData(new[] { 4.0, 1.0, 2.0 }, 2, 1, 4)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 9.0 }, 3, 1, 9)]
    public void The_median_of_an_even_number_is_the_mean_of_the_middle_two(double[] values, double median, double min, double max) =>
        Spread.Of(values).Should().Be(new Spread(median, min, max));
}

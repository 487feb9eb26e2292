using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Tests.Measuring;

public class RawGemmTests
{
    [Fact]
    public void The_rate_is_that_of_a_computer() => RawGemm.MeasureGflops(seconds: 0).Should().BeInRange(0.1, 1e5);

    [Theory]
    [InlineData(-1)]
    [InlineData(61)]
    [InlineData(double.NaN)]
    public void A_time_out_of_range_is_refused(double seconds) =>
        new Action(() => RawGemm.MeasureGflops(seconds)).Should().Throw<ArgumentOutOfRangeException>();
}

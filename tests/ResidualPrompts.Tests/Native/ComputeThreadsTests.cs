using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class ComputeThreadsTests
{
    [Fact]
    public void The_default_is_at_most_the_number_of_processors() => ComputeThreads.Default.Should().BeInRange(1, Environment.ProcessorCount);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(257)]
    public void A_number_out_of_range_is_refused(int count) =>
        new Action(() => ComputeThreads.Set(count)).Should().Throw<ArgumentOutOfRangeException>();
}

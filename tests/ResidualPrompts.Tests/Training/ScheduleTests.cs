using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Training;

public sealed class ScheduleTests
{
    [Fact]
    public void A_constant_rate_rises_over_the_warm_up_and_stays()
    {
        var schedule = new Schedule(ScheduleKind.Constant, WarmupSteps: 4, TotalSteps: 10);
        Enumerable.Range(1, 6).Select(step => schedule.At(step)).Should().Equal(0.25, 0.5, 0.75, 1, 1, 1);
        new Schedule().At(1000).Should().Be(1);
    }

    [Fact]
    public void A_linear_rate_falls_towards_0()
    {
        var schedule = new Schedule(ScheduleKind.Linear, WarmupSteps: 2, TotalSteps: 6);
        Enumerable.Range(1, 7).Select(step => schedule.At(step)).Should().Equal(0.5, 1, 1, 0.75, 0.5, 0.25, 0);
    }

    [Fact]
    public void A_cosine_rate_falls_along_half_a_cosine()
    {
        var schedule = new Schedule(ScheduleKind.Cosine, WarmupSteps: 0, TotalSteps: 4);
        schedule.At(1).Should().BeApproximately(1, 1e-12);
        schedule.At(3).Should().BeApproximately(0.5, 1e-12);
        schedule.At(5).Should().BeApproximately(0, 1e-12);
    }
}

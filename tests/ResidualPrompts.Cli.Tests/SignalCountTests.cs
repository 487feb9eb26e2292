namespace ResidualPrompts.Cli.Tests;

public sealed class SignalCountTests
{
    private readonly Clock _clock = new();

    [Fact]
    public void The_first_signal_stops_a_command_that_can_stop_in_order_and_ends_any_other()
    {
        new SignalCount(_clock).Next(stopsInOrder: true).Should().Be(SignalMeaning.Stop);
        new SignalCount(_clock).Next(stopsInOrder: false).Should().Be(SignalMeaning.End);
    }

    [Theory]
    [InlineData(0, SignalMeaning.Repetition)]
    [InlineData(5, SignalMeaning.Repetition)]
    [InlineData(4_999, SignalMeaning.Repetition)]
    [InlineData(5_000, SignalMeaning.End)]
    [InlineData(3_600_000, SignalMeaning.End)]
    public void A_second_signal_within_five_seconds_is_the_first_one_again(int milliseconds, object meaning)
    {
        foreach (var stopsInOrder in new[] { true, false }) // it may have stopped meanwhile
        {
            var count = new SignalCount(_clock);
            count.Next(stopsInOrder: true);
            _clock.Pass(milliseconds);
            count.Next(stopsInOrder).Should().Be((SignalMeaning)meaning);
        }
    }

    [Fact]
    public void A_third_signal_always_ends_the_process()
    {
        var count = new SignalCount(_clock);
        count.Next(stopsInOrder: true);
        _clock.Pass(5);
        count.Next(stopsInOrder: true).Should().Be(SignalMeaning.Repetition);
        _clock.Pass(5);
        count.Next(stopsInOrder: true).Should().Be(SignalMeaning.End);
        count.Next(stopsInOrder: true).Should().Be(SignalMeaning.End);
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        internal void Pass(int milliseconds) => _now += milliseconds;
    }
}

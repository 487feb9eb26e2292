using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class MachineLoadTests
{
    [Fact]
    public void Idle_and_waiting_time_is_not_busy_and_guests_are_counted_once()
    {
        // user 100, nice 20, system 30, idle 500, iowait 50, irq 5, softirq 5, steal 40, guest 60, guest_nice 0
        var (busy, total) = MachineLoad.Parse("cpu  100 20 30 500 50 5 5 40 60 0\ncpu0 1 2 3\n")!.Value;
        busy.Should().Be(2);
        total.Should().Be(7.5);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("intr 5 0 0 0 0 0 0 0 0")]
    [InlineData("cpu  100 20 30")]
    [InlineData("cpu  100 20 30 -5 50 5 5 40 0 0")]
    public void A_text_of_another_form_tells_nothing(string? stat) => MachineLoad.Parse(stat).Should().BeNull();

    [Fact]
    public void What_a_process_took_includes_its_children()
    {
        // user 150, system 30, children's 500 and 20
        MachineLoad.ParseProcess("7 (a (b) c) R 1 7 7 0 -1 4194304 100 0 0 0 150 30 500 20 20 0 1 0 5").Should().Be(7);
        MachineLoad.ParseProcess("7 (a) R 1").Should().BeNull();
        MachineLoad.ParseProcess(null).Should().BeNull();
    }

    [Fact]
    public void A_machine_is_quiet_when_others_take_less_than_a_twentieth_of_it()
    {
        MachineLoad.IsQuiet(0.04 * Environment.ProcessorCount).Should().BeTrue();
        MachineLoad.IsQuiet(0.06 * Environment.ProcessorCount).Should().BeFalse();
        MachineLoad.IsQuiet(null).Should().BeNull();
    }
}

using ResidualPrompts.Cli.Sweeps.Running;

namespace ResidualPrompts.Cli.Tests.Sweeping;

public sealed class SweepResourcesTests
{
    private const long Gigabyte = 1_000_000_000;

    [Theory]
    [InlineData(null, null, 8, true, 8, 1, null)]
    [InlineData(3, null, 8, true, 3, 1, null)]
    [InlineData(null, null, 8, false, 1, 8, null)] // a large model has all cores
    [InlineData(2, null, 8, false, 2, 4, null)]
    [InlineData(null, 2, 8, true, 4, 2, null)]
    [InlineData(9, null, 8, true, 8, 1, "8 instead of 9 runs at once: 8 cores, 1 threads a run.")]
    [InlineData(8, 3, 8, true, 2, 3, "2 instead of 8 runs at once: 8 cores, 3 threads a run.")]
    [InlineData(null, null, 32, true, 16, 1, "16 instead of 32 runs at once: a run needs about 1.0 GB, and 16.0 GB are available.")]
    public void Runs_at_once_never_need_more_cores_or_memory_than_there_are(
        int? asked, int? threads, int cores, bool isSmall, int jobs, int each, string? note)
    {
        var resources = SweepResources.Of(asked, threads, cores, isSmall, Gigabyte, 16 * Gigabyte);
        resources.Should().Be(new SweepResources(jobs, each, note));
        SweepResources.Of(asked, threads, cores, isSmall, 100 * Gigabyte, 16 * Gigabyte).Jobs.Should().Be(1, "one run may try");
        SweepResources.Of(asked, threads, cores, isSmall, 100 * Gigabyte, available: null).Jobs.Should().BePositive();
    }

    [Fact]
    public void More_threads_than_cores_are_refused() =>
        FluentActions.Invoking(() => SweepResources.Of(null, 9, 8, true, Gigabyte, null)).Should().Throw<UsageException>()
            .WithMessage("threads*9*8 cores*");

    [Fact]
    public void Free_memory_is_read_from_the_kernels_text()
    {
        MachineMemory.Parse("MemTotal:  16 kB\nMemAvailable:    1024 kB\nBuffers: 1 kB\n").Should().Be(1 << 20);
        MachineMemory.Parse("MemTotal:  16 kB\n").Should().BeNull();
    }
}

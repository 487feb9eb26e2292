using ResidualPrompts.Compute;
using ResidualPrompts.Native;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

public sealed class ComputeTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void All_work_is_done_when_it_returns(int threadCount)
    {
        using var scope = NewDisposeScope();
        for (var round = 0; round < 200; round++)
        {
            var (done, next) = (new int[50], -1);
            ComputeTeam.Run(threadCount, () =>
            {
                for (var i = Interlocked.Increment(ref next); i < done.Length; i = Interlocked.Increment(ref next))
                    done[i]++;
            });
            done.Should().OnlyContain(count => count == 1);
            ones(300, 300).add_(1).sum().item<float>().Should().Be(180000); // libtorch's own work in between
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_exception_comes_back_to_the_caller(int threadCount)
    {
        var run = () => ComputeTeam.Run(threadCount, () => throw new InvalidOperationException("no"));
        run.Should().Throw<InvalidOperationException>().WithMessage("no");
        ones(2).sum().item<float>().Should().Be(2);
    }

    [Fact]
    public void Several_threads_may_have_a_team_each()
    {
        var count = 0;
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 100; i++)
                ComputeTeam.Run(1, () => Interlocked.Increment(ref count));
            var next = -1;
            ComputeTeam.Run(2, () =>
            {
                while (Interlocked.Increment(ref next) < 100)
                    Interlocked.Increment(ref count);
            });
        });
        count.Should().Be(800);
    }

    [Fact]
    public void On_linux_the_threads_are_those_of_libtorch() =>
        (LibTorch.TryFind("GOMP_parallel") != 0).Should().Be(OperatingSystem.IsLinux());
}

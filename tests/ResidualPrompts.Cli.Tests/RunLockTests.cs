using System.Diagnostics;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Real processes that want one run directory.</summary>
public sealed class RunLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RunLockTests() => TinyFolder.WriteModel(_folder);

    private RunDirectory Run => new(_folder.File("run"));

    public void Dispose() => _folder.Dispose();

    /// <summary>On file systems of clusters, flock is not there, or answers yes without keeping anybody out.</summary>
    [Theory]
    [InlineData("errno = 38; return -1;")]
    [InlineData("return 0;")]
    [InlineData(null)]
    public async Task Two_trainings_exclude_each_other_whatever_flock_answers(string? flock)
    {
        Assert.SkipUnless(flock is null || File.Exists("/usr/bin/cc"), "needs a C compiler, to replace flock");
        var program = flock is null ? Program.Process : Program.Process.With("LD_PRELOAD", Replaced(flock));
        using var first = program.Start(Train("1000000"));
        var ended = ProgramProcess.Finish(first);
        try
        {
            await UntilUnderWay();
            var second = await program.Run([.. Train("1000000"), "--resume"]);
            second.ExitCode.Should().Be(2, second.Error);
            second.Error.Should().Contain($"in use by process {first.Id} on {Environment.MachineName}");
        }
        finally
        {
            ProgramProcess.Send("KILL", first.Id);
        }

        await ended;
        RunState.Of(Run).IsUnderWay.Should().BeFalse();
        using var third = program.Start([.. Train("1000000"), "--resume"]);
        var stopped = ProgramProcess.Finish(third);
        await UntilUnderWay(third.Id);
        ProgramProcess.Send("TERM", third.Id);
        (await stopped).ExitCode.Should().Be(130);
        File.Exists(Run.Lock).Should().BeFalse();
    }

    [Fact]
    public async Task A_job_that_was_started_again_elsewhere_takes_its_own_lock_over_at_once_and_no_other_jobs()
    {
        (await Program.Run(Train("1"))).ShouldSucceed();
        string[] longer = [.. Train("2"), "--resume"];
        ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, job: "77_3");
        var job = Program.Process.With("SLURM_ARRAY_JOB_ID", "77").With("SLURM_JOB_ID", "79");
        foreach (var (task, restart) in new[] { ("4", "1"), ("3", "0") })
        {
            var refused = await job.With("SLURM_ARRAY_TASK_ID", task).With("SLURM_RESTART_COUNT", restart).Run(longer);
            refused.ExitCode.Should().Be(2);
            refused.Error.Should().Contain("process 4711 on node7 (job 77_3)");
        }

        (await job.With("SLURM_ARRAY_TASK_ID", "3").With("SLURM_RESTART_COUNT", "1").Run(longer)).ShouldSucceed();
        var state = RunState.Of(Run);
        (state.Status, state.Job!.Name, state.Job.RestartCount, state.Process!.Host).Should()
            .Be((RunStatus.Finished, "77_3", 1, ProcessIdentity.Current.Host));
    }

    private string[] Train(string epochs) => ["train", "--model", _folder.File("model"), "--data", TinyFolder.WriteRows(_folder), "--epochs", epochs,
        "--evaluate-every", "1000steps", "--save-dir", _folder.Path, "--save-name", "run"];

    private async Task UntilUnderWay(int? process = null)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (RunState.Read(Run) is { Status: RunStatus.Running } state && (process is null || state.Process!.Id == process)
                && File.Exists(Run.Events))
                return;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        throw new InvalidOperationException("The run did not begin.");
    }

    private string Replaced(string body)
    {
        var source = _folder.Write("flock.c", $"#include <errno.h>\nint flock(int file, int operation) {{ {body} }}\n");
        var library = _folder.File("flock.so");
        using var compiler = Process.Start("/usr/bin/cc", ["-shared", "-fPIC", "-o", library, source]);
        compiler.WaitForExit();
        compiler.ExitCode.Should().Be(0);
        return library;
    }
}

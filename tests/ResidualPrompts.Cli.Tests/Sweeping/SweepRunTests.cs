using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Sweeping;

/// <summary>Sweeps of real processes.</summary>
public sealed class SweepRunTests : IDisposable
{
    /// <summary>So many epochs that a run is under way until it is stopped.</summary>
    private const int Long = 100_000;

    private readonly List<SweepFolder> _folders = [];

    public void Dispose() => _folders.ForEach(folder => folder.Dispose());

    [Fact]
    public async Task Every_run_is_trained_once_with_the_bytes_of_train_and_a_second_start_finds_nothing_to_do()
    {
        var (sweep, alone) = (Folder(2), Folder(2));
        var first = (await Run(sweep)).ShouldSucceed();
        first.Error.Should().Contain("2 planned").And.Contain("/plain-lr0.3-p2-s0: begins").And.Contain("2 runs in").And.EndWith(": 2 finished\n");
        foreach (var run in sweep.Directories())
        {
            // The settings of run.json are those of 'train'.
            (await Program.Run("train", "--config", run.Record, "--threads", "1", "--save-dir",
                Path.GetDirectoryName(run.Path.Replace(sweep.Runs, alone.Runs, StringComparison.Ordinal))!)).ShouldSucceed();
        }

        sweep.ShouldBeAs(alone);
        var written = sweep.Directories().Select(run => File.GetLastWriteTimeUtc(run.Record)).ToArray();
        (await Run(sweep)).ShouldSucceed().Error.Should().NotContain("begins").And.Contain("2 finished");
        sweep.Directories().Select(run => File.GetLastWriteTimeUtc(run.Record)).Should().Equal(written);
        var status = (await InProcess.Run("sweep", "status", sweep.File)).ShouldSucceed();
        status.Output.Should().Contain("20 of 20").And.EndWith(": 2 finished\n");
        (await InProcess.Run("sweep", "status", sweep.File, "--json")).ShouldSucceed().Lines.Should().HaveCount(2)
            .And.OnlyContain(line => line.Contains("\"state\":\"finished\""));
    }

    [Fact]
    public async Task A_test_score_that_the_file_asks_for_later_is_added_to_finished_runs()
    {
        var (sweep, whole) = (Folder(2), Folder(2));
        whole.Change("\"epochs\"", "\"test\": true, \"epochs\"");
        (await Run(whole)).ShouldSucceed();
        (await Run(sweep)).ShouldSucceed();
        sweep.States().Should().OnlyContain(state => !state.HasTest);
        sweep.Change("\"epochs\"", "\"test\": true, \"epochs\"");
        (await Run(sweep)).ShouldSucceed();
        sweep.States().Should().OnlyContain(state => state.HasTest);
        sweep.ShouldBeAs(whole);
    }

    [Fact]
    public async Task Two_that_run_one_file_share_the_work()
    {
        var (sweep, whole) = (Folder(6), Folder(6));
        (await Run(whole)).ShouldSucceed();
        var both = await Task.WhenAll(Run(sweep), Run(sweep));
        both.Should().AllSatisfy(one => one.ShouldSucceed());
        sweep.ShouldBeAs(whole);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_signal_stops_all_runs_with_a_checkpoint_and_the_next_start_continues(string signal)
    {
        var sweep = Folder(2, Long);
        using var controller = Program.Process.Start("sweep", "run", sweep.File, "--jobs", "2");
        var ended = ProgramProcess.Finish(controller);
        await SweepFolder.Until(() => sweep.Directories().Count(Steps) == 2);
        ProgramProcess.Send(signal, controller.Id);
        var result = await ended;
        result.ExitCode.Should().Be(130, result.Error);
        result.Error.Should().Contain("Stopping: 2 runs save").And.Contain("2 interrupted");
        sweep.States().Should().OnlyContain(state => state.Status == RunStatus.Interrupted);
        sweep.Directories().Should().OnlyContain(run => File.Exists(run.Checkpoint) && !File.Exists(run.Lock));
    }

    /// <summary>Their input ends with the controller, and they end within five seconds.</summary>
    [Fact]
    public async Task The_runs_of_a_killed_controller_end()
    {
        var sweep = Folder(2, Long);
        using var controller = Program.Process.Start("sweep", "run", sweep.File, "--jobs", "2");
        var ended = ProgramProcess.Finish(controller);
        await SweepFolder.Until(() => sweep.Directories().Count(Steps) == 2);
        controller.Kill();
        await ended;
        await SweepFolder.Until(() => sweep.Directories().All(run => !RunLock.IsHeld(run)));
        sweep.States().Should().OnlyContain(state => state.Status == RunStatus.Interrupted && state.Step > 0);
    }

    [Fact]
    public async Task A_run_that_is_killed_is_tried_once_more_from_its_checkpoint_and_then_reported()
    {
        var sweep = Folder(1, Long);
        using var controller = Program.Process.Start("sweep", "run", sweep.File, "--jobs", "1");
        var ended = ProgramProcess.Finish(controller);
        var killed = new HashSet<int>();
        while (killed.Count < 2)
        {
            await SweepFolder.Until(() => Process() is { } id && !killed.Contains(id));
            killed.Add(Process()!.Value);
            ProgramProcess.Send("KILL", Process()!.Value);
        }

        var result = await ended;
        result.ExitCode.Should().Be(1, result.Error);
        result.Error.Should().Contain("s0: crashed (exit code 137").And.Contain("s0: continues").And.Contain("s0: failed, exit code 137")
            .And.Contain("1 interrupted");

        int? Process() => sweep.Directories().FirstOrDefault() is { } run && Steps(run) && RunState.Of(run) is { IsUnderWay: true } state
            ? state.Process!.Id : null;
    }

    [Fact]
    public async Task A_run_that_fails_is_reported_stays_failed_and_is_trained_again_by_retry_alone()
    {
        var sweep = Folder(1, top: """
            , "runs": [ {}, { "learning_rate": 3e38, "weight_decay": 0, "save_name": "bad" } ]
            """);
        var result = await Run(sweep);
        result.ExitCode.Should().Be(1, result.Error);
        result.Error.Should().Contain("bad-s0: crashed (exit code 1:").And.Contain("bad-s0: failed, exit code 1:")
            .And.Contain("1 finished, 1 failed");
        (await Run(sweep)).Error.Should().NotContain("bad-s0: continues");
        var retried = await Program.Run("sweep", "retry", sweep.File);
        retried.ExitCode.Should().Be(1);
        retried.Error.Should().Contain("bad-s0: continues").And.NotContain("p2-s0: ");
        (await InProcess.Run("sweep", "status", sweep.File)).ShouldSucceed().Output.Should().Contain("1 failed, 1 finished");
    }

    /// <summary>No file may grow beyond 4 kB, as on a disk that is full. The runtime itself writes none then.</summary>
    [Fact]
    public async Task On_a_full_disk_runs_fail_are_reported_and_go_on_when_there_is_room()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "ulimit");
        var (sweep, whole) = (Folder(2), Folder(2));
        (await Run(whole)).ShouldSucceed();
        var shell = new ProgramProcess("/bin/sh") { Environment = Program.Process.With("DOTNET_EnableWriteXorExecute", "0").Environment };
        var full = await shell.Run("-c", $"ulimit -f 8; trap '' XFSZ; exec '{Program.Process.Path}' sweep run '{sweep.File}'");
        full.ExitCode.Should().Be(1, full.Error);
        full.Error.Should().Contain("s0: failed").And.Contain("s1: failed");
        if (sweep.States().Any(state => state.Status == RunStatus.Failed))
            (await Program.Run("sweep", "retry", sweep.File)).ExitCode.Should().BeOneOf(0, 1);
        (await Run(sweep)).ShouldSucceed();
        sweep.ShouldBeAs(whole);
    }

    [Fact]
    public async Task What_cannot_be_run_is_refused()
    {
        (await InProcess.Run("sweep", "run", Folder(1).File, "--jobs", "0")).ShouldBeRefused("*--jobs is 0, expected at least 1*");
        (await InProcess.RunWith("", "sweep", "train-one")).ShouldBeRefused("*train-one is started by 'sweep run' alone*");
        (await InProcess.Run("sweep", "run", Folder(1).File, "--rungs", "1,2"))
            .ShouldBeRefused("*--rungs has nothing to replace: * has no halving.*");
        (await InProcess.Run("sweep", "run", Folder(1).File, "--rungs", "2,1")).ShouldBeRefused("*--rungs is '2,1', expected growing budgets*");
        (await InProcess.Run("sweep", "finish", Folder(1).File)).ShouldBeRefused("*has no halving*");
        (await InProcess.Run("sweep", "status", Folder(1).File)).ShouldSucceed().Output.Should().StartWith("0 begun runs in");
    }

    private static bool Steps(RunDirectory run) => File.Exists(run.Events) && new FileInfo(run.Events).Length > 0;

    private static Task<ProgramResult> Run(SweepFolder folder) => Program.Run("sweep", "run", folder.File, "--jobs", "2");

    private SweepFolder Folder(int seeds, int epochs = 2, string top = "")
    {
        _folders.Add(new SweepFolder(seeds, epochs, top));
        return _folders[^1];
    }
}

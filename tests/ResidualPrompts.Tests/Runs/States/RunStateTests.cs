using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs.States;

public sealed class RunStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunDirectory Run => new(_folder.File("run"));

    private RunSpec Spec => TinyRun.Spec(_folder) with { Epochs = 2, BatchSize = 4 };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_says_where_it_is_from_its_beginning_to_its_end_and_nothing_after_it()
    {
        RunState? under = null;
        var completed = TinyRun.Train(Spec, observer: new RunObserver(OnEvent: _ => under ??= RunState.Of(Run)));
        under!.Status.Should().Be(RunStatus.Running);
        (under.IsUnderWay, under.Attempts, under.StepCount, under.Process).Should().Be((true, 1, 20L, ProcessIdentity.Current));

        var state = RunState.Of(Run);
        (state.Status, state.IsUnderWay, state.Step, state.StepCount, state.Epoch).Should().Be((RunStatus.Finished, false, 20L, 20L, 2));
        state.Metric.Should().Be("accuracy");
        state.Best.Should().Be(completed.Validation["accuracy"]);
        state.Value.Should().NotBeNull();
        new FileInfo(Run.State).Length.Should().BeLessThan(2000);

        var bytes = File.ReadAllBytes(Run.State);
        var time = File.GetLastWriteTimeUtc(Run.State);
        TinyRun.Train(Spec, RunMode.Resume).Result.Steps.Should().Be(20);
        File.ReadAllBytes(Run.State).Should().Equal(bytes);
        File.GetLastWriteTimeUtc(Run.State).Should().Be(time);
    }

    [Fact]
    public void It_is_written_at_each_change_and_in_between_at_most_every_ten_seconds()
    {
        var disk = new CountingDisk(Run.State);
        var start = DateTime.UtcNow;
        Disk.Use(disk);
        try
        {
            TinyRun.Train(Spec);
        }
        finally
        {
            Disk.Use(null);
        }

        disk.Count.Should().BeInRange(2, 2 + (int)((DateTime.UtcNow - start).TotalSeconds / 10));
    }

    [Fact]
    public void A_run_that_stopped_or_failed_says_so_and_the_next_process_says_running()
    {
        using var stop = new CancellationTokenSource();
        TinyRun.TrainUntil(stop, Spec, new RunObserver(OnEvent: happened =>
        {
            if (happened is StepCompleted { Step: 3 })
                stop.Cancel();
        }));
        var stopped = RunState.Of(Run);
        (stopped.Status, stopped.Step, stopped.Attempts).Should().Be((RunStatus.Interrupted, 3L, 1));
        RunState? resumed = null;
        TinyRun.Train(Spec, RunMode.Resume, new RunObserver(OnStart: _ => resumed = RunState.Of(Run)));
        (resumed!.Status, resumed.Step, resumed.Attempts).Should().Be((RunStatus.Running, 3L, 1));

        var failing = Spec with { LearningRate = 3e38, WeightDecay = 0, SaveName = "failing" };
        FluentActions.Invoking(() => TinyRun.Train(failing)).Should().Throw<TrainingDivergedException>();
        RunState.Of(new RunDirectory(failing.Directory)).Status.Should().Be(RunStatus.Failed);
    }

    [Fact]
    public void Attempts_count_the_processes_that_got_to_no_checkpoint()
    {
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            KilledAt(step: 2);
            RunState.Read(Run)!.Attempts.Should().Be(attempt);
            var left = RunState.Of(Run);
            (left.Status, left.IsUnderWay).Should().Be((RunStatus.Running, false));
        }

        KilledAt(step: 12); // after the checkpoint of the first epoch
        RunState.Read(Run)!.Attempts.Should().Be(1);
        TinyRun.Train(Spec, RunMode.Resume);
        RunState.Of(Run).Status.Should().Be(RunStatus.Finished);
    }

    [Fact]
    public void A_resumed_run_knows_the_best_value_of_its_checkpoint()
    {
        KilledAt(step: 12);
        RunState.Read(Run)!.Best.Should().BeNull(); // the evaluation after step 10 came within ten seconds
        var evaluation = TinyRun.Events(Run.Path, "evaluation").Single().GetProperty("metrics").GetProperty("accuracy").GetDouble();
        using var stop = new CancellationTokenSource();
        FluentActions.Invoking(() => TrainingRun.Train(Spec, RunMode.Resume, new RunObserver(OnEvent: _ => stop.Cancel()), stop.Token))
            .Should().Throw<RunInterruptedException>();
        var state = RunState.Of(Run);
        (state.Step, state.Metric, state.Best).Should().Be((11L, "accuracy", evaluation));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{\"state\": \"sleeping\"}")]
    [InlineData("{\"state\": \"finished\", \"step\": \"x\"}")]
    public void Where_it_is_missing_or_damaged_the_record_tells(string? content)
    {
        var completed = TinyRun.Train(Spec);
        if (content is null)
            File.Delete(Run.State);
        else
            File.WriteAllText(Run.State, content);
        var state = RunState.Of(Run);
        (state.Status, state.Step, state.StepCount, state.Metric, state.Best)
            .Should().Be((RunStatus.Finished, 20L, 20L, "accuracy", completed.Validation["accuracy"]));
        var resumed = () => TinyRun.Train(Spec, RunMode.Resume);
        resumed.Should().NotThrow();
    }

    [Fact]
    public void A_finished_run_whose_process_was_killed_before_it_said_so_is_finished_and_says_so_when_it_is_resumed()
    {
        TinyRun.Train(Spec);
        var json = JsonNode.Parse(File.ReadAllText(Run.State))!.AsObject();
        (json["state"], json["step"], json["process_id"]) = ("running", 11, ForeignLock.NoProcess);
        File.WriteAllText(Run.State, json.ToJsonString());
        RunState.Of(Run).Status.Should().Be(RunStatus.Finished);
        TinyRun.Train(Spec, RunMode.Resume);
        var state = RunState.Read(Run)!;
        (state.Status, state.Step).Should().Be((RunStatus.Finished, 20L));
        File.Exists(Run.Lock).Should().BeFalse();
    }

    [Fact]
    public void A_run_of_another_host_is_under_way_as_long_as_its_lock()
    {
        Directory.CreateDirectory(Run.Path);
        new RunState(RunStatus.Running) { Process = ForeignLock.Elsewhere, Step = 7 }.Write(Run);
        ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere);
        RunState.Of(Run).IsUnderWay.Should().BeTrue();
        ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, age: LockFile.Lapse * 2);
        var left = RunState.Of(Run);
        (left.IsUnderWay, left.Step).Should().Be((false, 7L));
    }

    [Fact]
    public void A_path_that_is_no_run_is_refused() =>
        FluentActions.Invoking(() => RunState.Of(Run)).Should().Throw<RunException>().WithMessage("*is not a run directory*");

    private void KilledAt(int step)
    {
        var disk = new KilledDisk();
        Disk.Use(disk);
        try
        {
            FluentActions.Invoking(() => TinyRun.Train(Spec, RunMode.Resume, new RunObserver(OnEvent: happened =>
            {
                if (happened is StepCompleted completed && completed.Step == step)
                    disk.IsDead = true;
            }))).Should().Throw<KilledException>();
        }
        finally
        {
            Disk.Use(null);
        }
    }

    private sealed class CountingDisk(string file) : DiskLayer
    {
        internal int Count { get; private set; }

        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            Count += operation == DiskOperation.Rename && path == file ? 1 : 0;
            return byteCount;
        }
    }

    private sealed class KilledDisk : DiskLayer
    {
        internal bool IsDead { get; set; }

        internal override int Before(DiskOperation operation, string path, int byteCount) => IsDead ? throw new KilledException() : byteCount;
    }
}

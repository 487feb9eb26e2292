using System.Diagnostics;
using System.Text.Json;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Locking;

public sealed class RunLockTests : IDisposable
{
    private static readonly TimeSpan JustLapsed = LockFile.Lapse + TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Fresh = LockFile.Lapse - TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();

    private RunDirectory Run => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lock_names_its_holder_keeps_others_out_and_leaves_nothing()
    {
        using (var held = RunLock.Take(Run))
        {
            var json = JsonDocument.Parse(File.ReadAllText(Run.Lock)).RootElement;
            json.GetProperty("host").GetString().Should().Be(Environment.MachineName);
            json.GetProperty("process_id").GetInt32().Should().Be(Environment.ProcessId);
            json.GetProperty("process_start").GetString().Should().NotBeNullOrEmpty();
            Refused().WithMessage($"*in use by process {Environment.ProcessId} on {Environment.MachineName}, since 20*")
                .Which.IsHeld.Should().BeTrue();
            held.Problem.Should().BeNull();
            RunLock.IsHeld(Run).Should().BeTrue();
        }

        RunLock.IsHeld(Run).Should().BeFalse();
        Left().Should().BeEmpty();
        RunLock.Take(Run).Dispose();
    }

    [Fact]
    public void A_lock_that_cannot_be_made_is_bad_input() =>
        FluentActions.Invoking(() => RunLock.Take(new RunDirectory(_folder.File("nowhere")))).Should().Throw<RunException>()
            .WithMessage("*nowhere' cannot be written*");

    [Fact]
    public async Task Looking_without_a_pause_is_in_nobodys_way()
    {
        using var stop = new CancellationTokenSource();
        var looks = 0;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                RunLock.IsHeld(Run);
                Interlocked.Increment(ref looks);
            }
        }, TestContext.Current.CancellationToken)).ToArray();
        for (var i = 0; i < 300; i++)
        {
            using var held = RunLock.Take(Run);
            RunLock.IsHeld(Run).Should().BeTrue();
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
        looks.Should().BePositive();
        Left().Should().BeEmpty();
    }

    /// <summary>
    /// Neither an flock that always succeeds (somebody else's here, on a held lock) nor one that always fails (the lock's file is locked, and is
    /// taken all the same) changes anything. So does none that is not there.
    /// </summary>
    [Fact]
    public void The_systems_locks_play_no_part()
    {
        using (RunLock.Take(Run))
        {
            using (new FileStream(Run.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) // nobody has it locked
            {
                RunLock.IsHeld(Run).Should().BeTrue();
                Refused();
            }

            Refused();
        }

        ForeignLock.OfKilled(Run.Lock);
        using (new FileStream(Run.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            RunLock.IsHeld(Run).Should().BeFalse();
            RunLock.Take(Run).Dispose();
        }
    }

    [Fact]
    public void On_this_host_a_lock_is_as_stale_as_its_process()
    {
        ForeignLock.OfKilled(Run.Lock);
        RunLock.Take(Run).Dispose();

        ForeignLock.Write(Run.Lock, ProcessIdentity.Current); // a former process had this one's id, or this one left its lock behind
        RunLock.Take(Run).Dispose();

        using var other = Process.Start(new ProcessStartInfo("sleep", "600"))!;
        try
        {
            var start = File.ReadAllText($"/proc/{other.Id}/stat").Split(' ')[21];
            var identity = ProcessIdentity.Current with { Id = other.Id, Start = start };
            ForeignLock.Write(Run.Lock, identity, age: TimeSpan.FromDays(3));
            Refused().WithMessage($"*process {other.Id} on*"); // a suspended process is still one
            ForeignLock.Write(Run.Lock, identity with { Start = start + "0" });
            RunLock.IsHeld(Run).Should().BeFalse(); // its id was given again
            ForeignLock.Write(Run.Lock, identity);
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        RunLock.Take(Run).Dispose();
        Left().Should().BeEmpty();
    }

    [Fact]
    public void On_another_host_a_lock_lasts_as_long_as_its_signs_of_life()
    {
        foreach (var process in new[]
        {
            ForeignLock.Elsewhere,
            ProcessIdentity.Current with { Boot = "another boot", Id = ForeignLock.NoProcess }, // hosts share names
            ProcessIdentity.Current with { IdSpace = "pid:[1]", Id = ForeignLock.NoProcess }, // so do containers
        })
        {
            ForeignLock.Write(Run.Lock, process, Fresh, job: "77_3");
            RunLock.IsHeld(Run).Should().BeTrue();
            Refused().WithMessage($"*process {process.Id} on {process.Host} (job 77_3), since*, which gave a sign of life 27? s ago (5 minutes*");
            ForeignLock.Write(Run.Lock, process, JustLapsed);
            RunLock.IsHeld(Run).Should().BeFalse();
            RunLock.Take(Run).Dispose();
        }

        Left().Should().BeEmpty();
    }

    [Fact]
    public void The_scheduler_may_say_that_a_job_is_gone()
    {
        const string gone = "a job of RunLockTests";
        var before = SchedulerJob.IsGone;
        SchedulerJob.IsGone = job => job.Name == gone;
        try
        {
            ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, job: "another");
            Refused();
            ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, job: gone);
            RunLock.Take(Run).Dispose();
        }
        finally
        {
            SchedulerJob.IsGone = before;
        }
    }

    [Fact]
    public void A_job_that_was_started_again_continues_its_earlier_start_and_no_other()
    {
        SchedulerJob? Of(params (string, string)[] variables) =>
            SchedulerJob.Of(name => variables.FirstOrDefault(variable => variable.Item1 == name).Item2);
        Of().Should().BeNull();
        Of(("SLURM_JOB_ID", "12")).Should().Be(new SchedulerJob("12", 0));
        var task = Of(("SLURM_JOB_ID", "19"), ("SLURM_ARRAY_JOB_ID", "12"), ("SLURM_ARRAY_TASK_ID", "3"), ("SLURM_RESTART_COUNT", "2"));
        task.Should().Be(new SchedulerJob("12_3", 2));
        task!.Continues(new SchedulerJob("12_3", 1)).Should().BeTrue();
        task.Continues(new SchedulerJob("12_3", 2)).Should().BeFalse();
        task.Continues(new SchedulerJob("12_4", 0)).Should().BeFalse();
        Of(("SLURM_JOB_ID", new string('1', 1000))).Should().BeNull();
    }

    [Fact]
    public async Task Of_many_that_find_a_stale_lock_one_has_it_at_a_time()
    {
        var (inside, most, taken) = (0, 0, 0);
        for (var round = 0; round < 20; round++)
        {
            ForeignLock.OfKilled(Run.Lock);
            if (round % 2 == 1)
                ForeignLock.OfKilled(Run.Lock + ".guard"); // its process was killed while it took the lock over
            await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(() =>
            {
                for (var i = 0; i < 5; i++)
                {
                    try
                    {
                        using var held = RunLock.Take(Run);
                        InterlockedMax(ref most, Interlocked.Increment(ref inside));
                        Interlocked.Increment(ref taken);
                        Thread.Sleep(1);
                        held.Require();
                        Interlocked.Decrement(ref inside);
                    }
                    catch (RunException e) when (e.IsHeld)
                    {
                    }
                }
            })));
            RunLock.Take(Run).Dispose();
            Left().Should().BeEmpty();
        }

        most.Should().Be(1);
        taken.Should().BeGreaterThanOrEqualTo(20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Killed_at_any_operation_a_process_is_in_nobodys_way(bool isTakenOver) => KillPoints.Try(
        isTakenOver ? "a stale lock" : "a lock", step: 1,
        start: () =>
        {
            foreach (var file in Directory.GetFiles(_folder.Path))
                File.Delete(file);
            if (isTakenOver)
                ForeignLock.OfKilled(Run.Lock);
        },
        work: _ => RunLock.Take(Run).Dispose(),
        check: when =>
        {
            RunLock.IsHeld(Run).Should().BeFalse(when);
            RunLock.Take(Run).Dispose();
            Left().Should().BeEmpty(when);
        });

    /// <summary>There a process that is killed between creating and writing leaves an empty file, as versions before this one did.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("{\"host\": \"a\", \"proc")]
    [InlineData("{\"host\": 7, \"process_id\": \"x\"}")]
    [InlineData("[]")]
    public void A_lock_that_names_nobody_lasts_five_minutes(string content)
    {
        File.WriteAllText(Run.Lock, content);
        Refused().WithMessage("*in use by a process that is just starting*");
        File.SetLastWriteTimeUtc(Run.Lock, DateTime.UtcNow - JustLapsed);
        using (new FileStream(Run.Lock, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) // a process of an earlier version
            Refused();
        RunLock.Take(Run).Dispose();
    }

    [Fact]
    public void Who_was_suspended_for_long_finds_the_lock_lost_and_leaves_that_of_another()
    {
        using (var held = RunLock.Take(Run))
        {
            File.SetLastWriteTimeUtc(Run.Lock, DateTime.UtcNow - Fresh);
            held.Renew();
            (DateTime.UtcNow - File.GetLastWriteTimeUtc(Run.Lock)).Should().BeLessThan(TimeSpan.FromMinutes(1)); // a sign of life
            held.Require();
            ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere);
            var other = File.GetLastWriteTimeUtc(Run.Lock);
            FluentActions.Invoking(() => held.Require()).Should().Throw<RunException>().WithMessage("*taken over by process 4711 on node7*")
                .Which.IsHeld.Should().BeTrue();
            File.GetLastWriteTimeUtc(Run.Lock).Should().Be(other);
        }

        File.Exists(Run.Lock).Should().BeTrue();
        RunLock.IsHeld(Run).Should().BeTrue();
    }

    [Fact]
    public void A_run_that_lost_its_lock_writes_nothing_more()
    {
        var spec = TinyRun.Spec(_folder) with { Epochs = 3 };
        var run = new RunDirectory(spec.Directory);
        var events = 0;
        FluentActions.Invoking(() => TinyRun.Train(spec, observer: new RunObserver(OnEvent: _ =>
        {
            if (++events == 5)
                ForeignLock.Write(run.Lock, ForeignLock.Elsewhere);
        }))).Should().Throw<RunException>().WithMessage("*no longer this process's*");
        RunRecord.Read(run).Status.Should().Be(RunStatus.Running); // which the other one says now
        File.Exists(run.Checkpoint).Should().BeFalse();
        RunLock.IsHeld(run).Should().BeTrue();
    }

    private AwesomeAssertions.Specialized.ExceptionAssertions<RunException> Refused() =>
        FluentActions.Invoking(() => RunLock.Take(Run)).Should().Throw<RunException>();

    private IEnumerable<string> Left() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).OfType<string>();

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = most; value > known;)
        {
            var before = Interlocked.CompareExchange(ref most, value, known);
            if (before == known)
                return;
            known = before;
        }
    }
}

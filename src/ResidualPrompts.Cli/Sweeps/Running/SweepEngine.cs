using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>
/// Trains the runs of a sweep file, each in a process of its own, until none is left. It keeps no state: what is done stands in the run directories,
/// and who does it in their locks. So it can be killed and started again, and two may work on one file.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="rungs">Rungs of halving instead of the file's; null = those of the file.</param>
/// <param name="jobs">Runs at once; null = as many as there are cores for.</param>
/// <param name="retries">Whether the failed runs are to be trained, and no others.</param>
/// <param name="progress">Shows what happens.</param>
/// <param name="stop">Stops all runs at their next step.</param>
internal sealed class SweepEngine(
    string path, IReadOnlyList<Rung>? rungs, int? jobs, bool retries, SweepProgress progress, CancellationToken stop)
{
    private const int MostCrashes = 2;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, int> _crashes = [];
    private readonly HashSet<string> _givenUp = [];
    private readonly HashSet<string> _tried = [];
    private readonly HashSet<string> _refused = [];

    /// <summary>Trains.</summary>
    /// <returns>The exit code: 1 where something is left that may succeed another time, 2 where it will not.</returns>
    internal int Run()
    {
        var plan = Plan();
        var resources = SweepResources.Of(plan, jobs);
        progress.Begin(plan, resources);
        while (!stop.IsCancellationRequested)
        {
            var work = plan.Runs.Where(IsToDo).ToList();
            var elsewhere = plan.Runs.Count(run => run.State == SweepRunState.Running);
            if (work.Count > 0)
                Train(work, resources);
            else if (elsewhere > 0 && !retries)
                progress.Wait(elsewhere);
            else
                break;
            if (!stop.IsCancellationRequested && (work.Count == 0 || work.All(run => !IsDone(run))))
                stop.WaitHandle.WaitOne(BetweenLooks); // another process has them
            plan = Plan();
        }

        return End(Plan());
    }

    private SweepPlan Plan()
    {
        var file = SweepFile.Read(path);
        if (rungs is null)
            return SweepPlan.Of(file);
        return file.Halving is { } halving ? SweepPlan.Of(file with { Halving = halving with { Rungs = rungs } })
            : throw new UsageException($"--rungs has nothing to replace: '{path}' has no halving.");
    }

    private bool IsToDo(SweepRun run) => !_givenUp.Contains(run.Directory) && (retries
        ? run.State == SweepRunState.Failed || (_tried.Contains(run.Directory) && run.Work == SweepWork.Continue)
        : run.Work != SweepWork.None || (run.State == SweepRunState.Failed && _crashes.ContainsKey(run.Directory)));

    private int End(SweepPlan plan)
    {
        progress.End(plan);
        if (stop.IsCancellationRequested)
            return ExitCode.Interrupted;
        SweepRun[] left = [.. plan.Runs.Where(run => retries ? _givenUp.Contains(run.Directory) : run.Work != SweepWork.None
            || run.State is not (SweepRunState.Finished or SweepRunState.Longer or SweepRunState.Paused))];
        return left.Length == 0 ? ExitCode.Good
            : left.All(run => run.State == SweepRunState.Changed || _refused.Contains(run.Directory)) ? ExitCode.BadInput
            : ExitCode.Failed;
    }

    /// <summary>Trains runs, as many at once as there is room for, until all have ended.</summary>
    private void Train(IEnumerable<SweepRun> work, SweepResources resources)
    {
        var waiting = new Queue<SweepRun>(work);
        var active = new List<(ChildRun Child, int Threads)>();
        var isStopping = false;
        while (active.Count > 0 || (waiting.Count > 0 && !stop.IsCancellationRequested))
        {
            while (waiting.Count > 0 && active.Count < resources.Jobs && !stop.IsCancellationRequested)
            {
                var threads = resources.ThreadsOf(waiting.Peek());
                var cores = Math.Max(ComputeThreads.Default, resources.Jobs * resources.Threads);
                if (active.Count > 0 && active.Sum(one => one.Threads) + threads > cores)
                    break;
                var run = waiting.Dequeue();
                _tried.Add(run.Directory);
                progress.Started(run);
                active.Add((new ChildRun(run, threads), threads));
            }

            if (stop.IsCancellationRequested && !isStopping)
            {
                isStopping = true;
                progress.Stopping(active.Count);
                foreach (var (child, _) in active)
                    child.Stop();
            }

            progress.Show([.. active.Select(one => one.Child.Run)]);
            Thread.Sleep(Glance);
            foreach (var one in active.Where(one => one.Child.HasEnded).ToList())
            {
                active.Remove(one);
                using (one.Child)
                {
                    if (Ended(one.Child))
                        waiting.Enqueue(one.Child.Run);
                }
            }
        }
    }

    /// <summary>Judges the end of a process.</summary>
    /// <returns>Whether the run is to be tried again.</returns>
    private bool Ended(ChildRun child)
    {
        var run = child.Run;
        if (child.ExitCode == ExitCode.Good)
        {
            progress.Ended(run, isDone: IsDone(run));
            return false;
        }

        if (stop.IsCancellationRequested)
            return false;
        if (child.ExitCode == ExitCode.BadInput)
        {
            _refused.Add(run.Directory);
            return GiveUp(run, child.LastLine);
        }

        var crashes = _crashes[run.Directory] = _crashes.GetValueOrDefault(run.Directory) + 1;
        var reason = $"exit code {child.ExitCode}: {child.LastLine}";
        if (crashes >= MostCrashes)
            return GiveUp(run, reason);
        progress.Retried(run, reason);
        return true;
    }

    private bool GiveUp(SweepRun run, string reason)
    {
        _givenUp.Add(run.Directory);
        progress.Failed(run.Name, reason);
        return false;
    }

    private static bool IsDone(SweepRun run) => RunDirectory.Is(run.Directory) && FoundRun.Read(run.Directory).Status == RunStatus.Finished;
}

using System.Globalization;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary><c>sweep finish</c>: deletes the checkpoints of runs that halving has stopped, once nothing is left to be trained.</summary>
internal static class SweepFinishing
{
    internal static void Run(SweepPlan plan)
    {
        if (plan.File.Halving is null)
            throw new UsageException($"{plan.File.Path} has no halving, so no run waits to be promoted.");
        if (plan.Runs.Count(run => run.State is not (SweepRunState.Paused or SweepRunState.Finished or SweepRunState.Longer or SweepRunState.Failed))
            is > 0 and var left)
        {
            throw new UsageException($"Nothing was deleted: {left} of {plan.Runs.Count} runs are not done. Run 'sweep run' first.");
        }

        var count = 0;
        foreach (var run in plan.Runs.Where(run => run.State == SweepRunState.Paused))
        {
            var directory = new RunDirectory(run.Directory);
            if (!File.Exists(directory.Checkpoint))
                continue;
            using (RunLock.Take(directory))
                directory.DropCheckpoint();
            count++;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Deleted the checkpoints of {count} {(count == 1 ? "run" : "runs")}."));
    }
}

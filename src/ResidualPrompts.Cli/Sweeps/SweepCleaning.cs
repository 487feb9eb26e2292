using System.Globalization;
using ResidualPrompts.Runs;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>
/// <c>sweep clean</c>: shows the runs that the file no longer names, asks, and deletes them. Files of other kinds in their folders stay.
/// </summary>
internal static class SweepCleaning
{
    internal static int Run(SweepPlan plan, bool isConfirmed)
    {
        if (plan.NotInFile.Count == 0)
        {
            Console.WriteLine($"Nothing to delete: {plan.File.Path} names every run in {plan.File.SaveDir}.");
            return ExitCode.Good;
        }

        foreach (var run in plan.NotInFile)
            (isConfirmed ? Console.Out : Console.Error).WriteLine($"{Path.GetRelativePath(plan.File.SaveDir, run.Directory)}  {StateOf(run)}");
        if (plan.NotInFile.FirstOrDefault(run => run.IsHeld) is { } held)
            throw new UsageException($"'{held.Directory}' is being trained, so nothing was deleted: stop it first.");
        var runs = string.Create(CultureInfo.InvariantCulture, $"{plan.NotInFile.Count} {(plan.NotInFile.Count == 1 ? "run" : "runs")}");
        if (!isConfirmed && !Ask(runs))
        {
            Console.Error.WriteLine("Nothing was deleted.");
            return ExitCode.Good;
        }

        foreach (var run in plan.NotInFile)
            run.Delete(plan.File.SaveDir);
        Console.WriteLine($"Deleted {runs}.");
        return ExitCode.Good;
    }

    private static string StateOf(FoundRun run) => run.Problem is { } problem ? $"cannot be read: {ShownText.Line(problem)}"
        : RunRecord.NameOf(run.Status!.Value);

    /// <exception cref="UsageException">There is nobody to ask.</exception>
    private static bool Ask(string runs)
    {
        if (GivenStreams.Current is not null || Console.IsInputRedirected)
            throw new UsageException(
                $"Nothing was deleted: the question whether to delete {runs} needs a terminal. Give --yes to delete without asking.");
        Console.Error.Write($"Delete {runs}, which cannot be undone? [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}

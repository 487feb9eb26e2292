using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>The plan of a sweep as a table, and its sums.</summary>
internal static class SweepPlanTable
{
    /// <summary>More runs than this are summed by group and state; <c>--json</c> prints every run.</summary>
    private const int MostRows = 200;

    internal static void Print(SweepPlan plan, SweepCost? cost)
    {
        if (plan.Runs.Count + plan.NotInFile.Count <= MostRows)
            TextTable.Print([["run", "group", "state", "steps", ""], .. plan.Runs.Select(Row), .. plan.NotInFile.Select(run => Row(plan, run))]);
        else
            TextTable.Print([["group", "runs", .. plan.Counts.Keys.Select(SweepPlan.NameOf)], .. plan.File.Groups.Select(group => Row(plan, group))]);
        Console.WriteLine(Sums(plan));
        foreach (var line in cost?.Lines() ?? [])
            Console.WriteLine(line);
    }

    /// <summary>The number of runs, by state.</summary>
    internal static string Sums(SweepPlan plan) =>
        $"{plan.Runs.Count} {(plan.Runs.Count == 1 ? "run" : "runs")} in {plan.File.SaveDir}: "
            + string.Join(", ", plan.Counts.Select(pair => $"{pair.Value} {SweepPlan.NameOf(pair.Key)}"));

    private static IReadOnlyList<string> Row(SweepRun run) =>
    [
        run.Name, string.Join(", ", run.Groups.Select(group => group.Name)), SweepPlan.NameOf(run.State),
        run.LastStep?.ToString(CultureInfo.InvariantCulture) ?? "", ShownText.Line(run.Detail),
    ];

    private static IReadOnlyList<string> Row(SweepPlan plan, FoundRun run) =>
    [
        Path.GetRelativePath(plan.File.SaveDir, run.Directory), "", SweepPlan.NameOf(SweepRunState.NotInFile),
        run.LastStep?.ToString(CultureInfo.InvariantCulture) ?? "", ShownText.Line(run.Problem),
    ];

    private static IReadOnlyList<string> Row(SweepPlan plan, SweepGroup group)
    {
        var runs = plan.Runs.Where(run => run.Groups.Contains(group)).ToList();
        return
        [
            group.Label, runs.Count.ToString(CultureInfo.InvariantCulture),
            .. plan.Counts.Keys.Select(state => runs.Count(run => run.State == state).ToString(CultureInfo.InvariantCulture)),
        ];
    }
}

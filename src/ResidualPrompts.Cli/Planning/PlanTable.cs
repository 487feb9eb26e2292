using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs.Planning;

namespace ResidualPrompts.Cli.Planning;

/// <summary>A plan as a table.</summary>
internal static class PlanTable
{
    /// <param name="plan">The plan of one run.</param>
    /// <param name="all">The sums of all runs; null for one run.</param>
    internal static void Print(TrainingPlan plan, PlanOfAll? all) =>
        TextTable.Print([["what", "plan"], .. Rows(plan), .. all is null ? [] : Rows(all)]);

    private static IEnumerable<IReadOnlyList<string>> Rows(TrainingPlan plan)
    {
        yield return ["run", $"{plan.RunDirectory}: {(plan.Task is { } task ? $"{task} with " : "")}{plan.Model}"];
        foreach (var (name, split) in new[] { ("train", plan.Train), ("validation", plan.Validation), ("test", plan.Test) })
        {
            var isUnused = name == "test" && !plan.ScoresTest;
            yield return [name, split is null ? "missing" : PlanText.Rows(split) + (isUnused ? "; not scored" : "")];
            if (split?.Texts is not null)
                yield return ["", PlanText.Texts(split)];
        }

        yield return [$"row {plan.Example.Index}", PlanText.Example(plan.Example)];
        if (plan.Example.Text is not null)
            yield return ["", $"{PlanText.Ids(plan.Example.InputIds)} → {PlanText.Ids(plan.Example.TargetIds)}"];
        yield return ["trained", PlanText.Parameters(plan.TrainedParameters)];
        yield return ["steps", PlanText.Steps(plan.Steps)];
        if (plan.Disk is { } disk)
            yield return ["disk", PlanText.Disk(disk)];
        if (plan.Estimate is { } estimate)
        {
            yield return ["time", PlanText.Time(estimate, plan.Steps)];
            yield return ["memory", PlanText.Memory(estimate)];
        }
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(PlanOfAll all)
    {
        yield return [$"all {all.Count} runs", $"{PlanText.Number(all.Steps)} steps, {FileSize.Text(all.Bytes)} on disk"
            + (all.Seconds is { } seconds ? $", about {PlanText.Seconds(seconds)}" : "")];
    }
}

using ResidualPrompts.Runs.Planning;

namespace ResidualPrompts.Cli.Planning;

/// <summary>What a run says of its plan before its first step, and after its first steps.</summary>
internal static class PlanLines
{
    internal static IEnumerable<string> Facts(TrainingPlan plan)
    {
        yield return $"train      {PlanText.Rows(plan.Train)}";
        yield return $"validation {(plan.Validation is { } validation ? PlanText.Rows(validation) : "none")}";
        yield return $"test       {(plan.Test is { } test ? PlanText.Rows(test) + (plan.ScoresTest ? "" : "; not scored") : "none")}";
        yield return $"texts      {PlanText.Texts(plan.Train)}";
        yield return $"row {plan.Example.Index,-6} {PlanText.Example(plan.Example)}";
        yield return $"plan       {PlanText.Parameters(plan.TrainedParameters)}, {PlanText.Steps(plan.Steps)}"
            + (plan.Disk is { } disk ? $", {PlanText.Disk(disk)}" : "");
    }

    internal static string Estimate(PlanEstimate estimate, StepPlan steps) =>
        $"estimate   {PlanText.Time(estimate, steps)}, memory {PlanText.Memory(estimate)}";
}

using ResidualPrompts.Runs.Planning;

namespace ResidualPrompts.Cli.Planning;

/// <summary>The sums of several runs that differ in their seeds.</summary>
/// <param name="Seeds">The seeds.</param>
/// <param name="Count">Runs.</param>
/// <param name="Steps">Steps of all runs.</param>
/// <param name="Bytes">Bytes of all finished runs.</param>
/// <param name="Seconds">
/// Time of all runs, one after another, with the score of the untuned model, which the later ones find kept; null where nothing was measured.
/// </param>
internal sealed record PlanOfAll(IReadOnlyList<long> Seeds, int Count, long Steps, long Bytes, double? Seconds)
{
    internal static PlanOfAll Of(TrainingPlan plan, IReadOnlyList<long> seeds) => new(
        seeds, seeds.Count, plan.Steps.Total * seeds.Count, (plan.Disk?.Bytes ?? 0) * seeds.Count,
        (plan.Estimate?.Seconds * seeds.Count) + plan.Estimate?.BaselineSeconds);
}

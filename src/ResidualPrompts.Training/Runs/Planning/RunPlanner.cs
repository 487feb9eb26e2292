using ResidualPrompts.Backbones;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;
using ResidualPrompts.Randomness;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// Plans a run without making its directory: it loads model and data as the run will, counts, and measures a few steps. Problems are the same
/// exceptions as the run's.
/// </summary>
internal static class RunPlanner
{
    /// <summary>Plans a run of settings.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="mode">What the run would do with an existing directory.</param>
    /// <param name="measures">Whether steps are measured; else the plan has no estimate.</param>
    /// <param name="cancellationToken">Stops measuring.</param>
    /// <exception cref="InputException">The settings, the model, the data or the directory does not fit.</exception>
    internal static TrainingPlan Plan(
        RunSpec spec, RunMode mode = RunMode.New, bool measures = true, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var (_, _, earlier) = RunOpening.Check(spec, mode);
        var rows = RunOpening.Rows(spec, isNew: true);
        var filled = PreparedWeightCache.LastWrite;
        using var backbone = RunOpening.LoadBackbone(spec, earlier);
        var data = RunData.Of(spec, rows, backbone);
        // Where prepared weights were written just now, loading took more memory than it will take the run.
        var loadPeak = PreparedWeightCache.LastWrite == filled ? ProcessMemory.PeakBytes : null;
        return Plan(spec, backbone, data, measures, loadPeak, cancellationToken);
    }

    private static TrainingPlan Plan(
        RunSpec spec, Backbone backbone, RunData data, bool measures, long? loadPeak, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        using var prompt = spec.Method == TuningMethod.Full
            ? null
            : PromptFactory.Create(spec, backbone, data.LabelTokens, new Seeds(spec.Seed).Initialization, notes.Add);
        var trained = new TrainedParts(backbone.Model, prompt, SpecForTraining.TrainsWeight(spec, backbone.Model));
        using var optimizer = OptimizerFactory.Create(spec, trained);
        var plan = Of(spec, backbone, data, trained, optimizer, SpecForTraining.Record(spec, backbone, data, prompt));
        plan = plan with { Notes = [.. plan.Notes, .. notes] };
        if (!measures)
            return plan;
        if (prompt is not null && !trained.TrainsWeights)
            BackboneIdentity.Of(backbone, spec.Model); // a run computes this digest when it ends; it stays in the cache
        return plan with { Estimate = new PlanMeasurement(spec, data, trained, optimizer).Estimate(plan, loadPeak, cancellationToken) };
    }

    /// <summary>The facts of a run whose parts were made.</summary>
    internal static TrainingPlan Of(
        RunSpec spec, Backbone backbone, RunData data, TrainedParts trained, Optimizer optimizer, RunRecord record) =>
        TrainingPlan.Of(
            spec, data, trained,
            spec.SaveName is null ? null : new PlannedFiles(spec, data, trained, optimizer, record, backbone.Folder).Plan(), record.Warnings);
}

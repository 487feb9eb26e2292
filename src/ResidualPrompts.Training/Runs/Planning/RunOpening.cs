using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Planning;

/// <summary>How a run and its plan begin.</summary>
internal static class RunOpening
{
    /// <summary>What can be known to be wrong before the data is read.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="mode">What to do when the run directory exists.</param>
    /// <param name="sibling">The record of another run of its study, which knows where files are; null = none.</param>
    /// <returns>The settings of this run, its directory, and the record of the run that is continued.</returns>
    /// <exception cref="InputException">The settings or the directory do not fit.</exception>
    internal static (RunSpec Spec, RunDirectory Directory, RunRecord? Earlier) Check(RunSpec spec, RunMode mode, RunRecord? sibling = null)
    {
        var directory = new RunDirectory(spec.Directory);
        var continued = mode == RunMode.Resume && spec.SaveName is not null ? RunRecord.Earlier(directory, mode) : null;
        if (RunPlaces.Here(continued ?? sibling, spec).Validate() is { Count: > 0 } problems)
            throw RunSpecException.Of(problems);
        var earlier = continued ?? RunRecord.Earlier(directory, mode);
        spec = earlier is null ? spec : RunSpecJson.Continuing(earlier.Spec, spec);
        return (spec, directory, earlier);
    }

    /// <summary>The rows of the run, checked before a model is loaded.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="isNew">Whether no run is continued.</param>
    /// <exception cref="InputException">The task, the data or the settings do not fit.</exception>
    internal static RunRows Rows(RunSpec spec, bool isNew)
    {
        var rows = RunRows.Load(spec);
        StartChecks.Require(spec, rows, isNew);
        RequireFields(spec, rows);
        return rows;
    }

    /// <summary>A field that the first row of a split lacks is named before a model is loaded; later rows are read with their token ids.</summary>
    private static void RequireFields(RunSpec spec, RunRows rows)
    {
        if (rows.Task is not { } task)
            return;
        foreach (var first in new[] { rows.Splits.Train, rows.Splits.Validation }.OfType<IReadOnlyList<Example>>().Select(split => split[0]))
        {
            if (!ExampleEncoder.BringsIds(first))
                _ = task.ReadLabelled(first);
        }

        if (spec.Test && rows.Splits.Test?[0] is { } tested && !ExampleEncoder.BringsIds(tested))
            _ = task.Read(tested);
    }

    /// <summary>Loads the model as the run needs it; a run that is continued computes as it did, where this processor can.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="earlier">The record of the run that is continued; null for a new run.</param>
    internal static Backbone LoadBackbone(RunSpec spec, RunRecord? earlier = null)
    {
        LibTorch.EnsureLoaded();
        var options = BackboneOptions.Default;
        return ModelCatalog.Load(
            spec.Model, spec.Revision, earlier is null ? options : options.Continuing(RunSegment.ComputeOf(earlier.Environment)), spec.TrainsWeights);
    }
}

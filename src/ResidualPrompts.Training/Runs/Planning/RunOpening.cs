using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Planning;

/// <summary>How a run and its plan begin.</summary>
internal static class RunOpening
{
    /// <summary>What can be known to be wrong before the data is read.</summary>
    /// <returns>The settings of this run, its directory, and the record of the run that is continued.</returns>
    /// <exception cref="InputException">The settings or the directory do not fit.</exception>
    internal static (RunSpec Spec, RunDirectory Directory, RunRecord? Earlier) Check(RunSpec spec, RunMode mode)
    {
        var directory = new RunDirectory(spec.Directory);
        var continued = mode == RunMode.Resume && spec.SaveName is not null ? RunRecord.Earlier(directory, mode) : null;
        if (RunPlaces.Here(continued, spec).Validate() is { Count: > 0 } problems)
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
        return rows;
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

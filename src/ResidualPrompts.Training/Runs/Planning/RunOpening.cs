using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Planning;

/// <summary>How a run and its plan begin.</summary>
internal static class RunOpening
{
    /// <summary>What can be known to be wrong before anything is loaded.</summary>
    /// <returns>The settings of this run, its directory, and the record of the run that is continued.</returns>
    /// <exception cref="InputException">The settings, the task, the data or the directory does not fit.</exception>
    internal static (RunSpec Spec, RunDirectory Directory, RunRecord? Earlier) Check(RunSpec spec, RunMode mode)
    {
        if (spec.Validate() is { Count: > 0 } problems)
            throw RunSpecException.Of(problems);
        var directory = new RunDirectory(spec.Directory);
        var earlier = RunRecord.Earlier(directory, mode);
        spec = earlier is null ? spec : RunSpecJson.Continuing(earlier.Spec, spec);
        if (spec.Task is not null && spec.Template is null)
            _ = RunData.DataPath(spec, RunData.TaskOf(spec));
        else
            DataSource.RequireFiles(spec.SplitFiles);
        return (spec, directory, earlier);
    }

    /// <summary>Loads the model as the run needs it.</summary>
    internal static Backbone LoadBackbone(RunSpec spec)
    {
        LibTorch.EnsureLoaded();
        return ModelCatalog.Load(spec.Model, spec.Revision, trainable: spec.Method == TuningMethod.Full || spec.TrainWeights is not null);
    }
}

using System.Globalization;
using ResidualPrompts.Backbones;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Learning;

/// <summary>The runs of <c>bench learn</c>: a study for each method and rate, with a run for each seed.</summary>
/// <param name="Base">The settings that all runs share; SAVE_DIR is the folder of all runs.</param>
/// <param name="Rates">The learning rates to choose from.</param>
/// <param name="Seeds">The seeds.</param>
internal sealed record LearningPlan(RunSpec Base, IReadOnlyList<double> Rates, IReadOnlyList<long> Seeds)
{
    /// <summary>The studies.</summary>
    internal IEnumerable<(LearningMethod Method, double Rate, RunSpec Spec)> Studies =>
        from method in LearningMethod.All
        from rate in Rates
        select (method, rate, SpecOf(method, rate));

    /// <summary>The runs.</summary>
    internal IEnumerable<(LearningMethod Method, double Rate, RunSpec Study, RunSpec Run)> Runs =>
        from study in Studies
        from seed in Seeds
        select (study.Method, study.Rate, study.Spec, StudyTraining.SpecOf(study.Spec, seed));

    /// <summary>The runs that are not finished.</summary>
    internal IReadOnlyList<RunSpec> Pending => [.. Runs.Select(run => run.Run).Where(spec => !IsFinished(spec))];

    /// <summary>Checks the settings, and that no folder holds runs of other settings.</summary>
    /// <exception cref="InputException">A setting is wrong, or a folder has other runs.</exception>
    internal void Check() => InOtherFolder(() =>
    {
        foreach (var (_, _, spec) in Studies)
        {
            _ = RunOpening.Check(StudyTraining.SpecOf(spec, Seeds[0]), RunMode.Resume);
            StudyTraining.Open(spec, Seeds, RunMode.Resume).Dispose();
        }
    });

    /// <summary>Checks that the runs that are there had this model and these rows: their numbers stand beside those of new runs.</summary>
    /// <param name="backbone">The model.</param>
    /// <param name="data">The rows.</param>
    /// <exception cref="UsageException">One had others.</exception>
    internal void CheckInputs(Backbone backbone, RunData data) => InOtherFolder(() =>
    {
        var model = RunProvenance.DigestsOf(backbone);
        foreach (var directory in Runs.Select(run => new RunDirectory(run.Run.Directory)).Where(directory => RunDirectory.Is(directory.Path)))
        {
            var inputs = RunRecord.Read(directory).Inputs;
            if (inputs.ModelDigests.Count != model.Count || inputs.ModelDigests.Any(file => model.GetValueOrDefault(file.Key) != file.Value))
                throw RunException.Changed(directory.Path, ["model_digests"], inputs.FormerModel);
            inputs.CheckFiles(data.Source, directory.Path);
            inputs.CheckRows(DataSplit.Train, data.Splits.Train, directory.Path);
            inputs.CheckRows(DataSplit.Validation, data.Splits.Validation!, directory.Path);
        }
    });

    /// <summary>The remedies of a run do not fit here: these runs go on together or not at all.</summary>
    private static void InOtherFolder(Action check)
    {
        try
        {
            check();
        }
        catch (RunException e) when (e.Kind is ProblemKind.Conflict or ProblemKind.Mismatch)
        {
            throw new UsageException($"{e.Message} Name another folder with --save-dir, or delete this one.");
        }
    }

    internal static string Text(double rate) => rate.ToString(CultureInfo.InvariantCulture);

    private static bool IsFinished(RunSpec spec) =>
        RunDirectory.Is(spec.Directory) && RunRecord.Read(new RunDirectory(spec.Directory)).Status == RunStatus.Finished;

    private RunSpec SpecOf(LearningMethod method, double rate) => Base with
    {
        Reparameterization = method.Reparameterization,
        Skip = method.Skip,
        LearningRate = rate,
        SaveDir = Path.Combine(Base.SaveDir, method.Folder),
        SaveName = $"rate-{Text(rate)}",
    };
}

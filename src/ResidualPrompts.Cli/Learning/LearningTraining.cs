using System.Globalization;
using ResidualPrompts.Cli.Planning;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Learning;

/// <summary>Trains the runs that are missing, and reads the curves of all.</summary>
/// <param name="plan">The runs.</param>
/// <param name="say">Receives lines on what is done.</param>
internal sealed class LearningTraining(LearningPlan plan, Action<string> say)
{
    /// <summary>The metric by which methods are compared, the task's first one, and its value for the constant answer.</summary>
    /// <exception cref="InputException">The rows have no validation split or no constant answer, or runs that are there had other rows.</exception>
    internal (string Metric, double Constant) Constant()
    {
        var spec = plan.Runs.First().Run;
        var rows = RunOpening.Rows(spec, isNew: true);
        using var backbone = RunOpening.LoadBackbone(spec);
        var data = RunData.Of(spec, rows, backbone);
        var validation = data.Encode(DataSplit.Validation) ?? throw new UsageException($"bench learn needs validation rows; the data has none.");
        plan.CheckInputs(backbone, data);
        var constant = ConstantAnswer.Score(data, validation);
        if (constant.Result is not { } result)
            throw new UsageException($"bench learn compares with the constant answer, which the task does not have. {constant.Missing}");
        var (name, value) = result.Metrics.First();
        return (name, value ?? throw new UsageException(
            $"bench learn compares with the constant answer, which has no {name}: {result.Undefined[name]}"));
    }

    /// <summary>Trains all runs that are not finished, after saying how many there are and how long they will roughly take.</summary>
    /// <param name="cancellationToken">Stops the current run with a checkpoint.</param>
    /// <returns>The studies of which a run has diverged.</returns>
    /// <exception cref="RunInterruptedException">The token was cancelled.</exception>
    internal IReadOnlySet<RunSpec> Train(CancellationToken cancellationToken)
    {
        var pending = plan.Pending;
        var count = plan.Runs.Count();
        say($"{count} runs of {plan.Base.MaxSteps} steps, {count - pending.Count} of them finished already"
            + (pending.Count == 0 || SecondsOf(pending[0], cancellationToken) is not { } seconds ? ""
                : $"; the others take about {PlanText.Seconds(pending.Count * seconds)}"));
        var diverged = new HashSet<RunSpec>();
        foreach (var ((method, rate, spec, run), i) in plan.Runs.Select((run, i) => (run, i)).Where(pair => pending.Contains(pair.run.Run)).ToList())
        {
            var name = $"run {i + 1} of {count}: {method.Name}, rate {LearningPlan.Text(rate)}, seed {run.Seed}";
            using var study = StudyTraining.Open(spec, plan.Seeds, RunMode.Resume);
            try
            {
                using var done = TrainingRun.Train(run, RunMode.Resume, study.Sibling, new RunObserver { OnReady = study.Begin }, cancellationToken);
                say($"{name}: {Said(done.Result)}");
            }
            catch (TrainingDivergedException e)
            {
                say($"{name}: diverged, so this rate is not chosen. {e.Message}");
                diverged.Add(spec);
            }
        }

        return diverged;
    }

    /// <summary>The curve of a method at a rate.</summary>
    /// <param name="study">The study of its runs.</param>
    /// <param name="metric">The name of the metric.</param>
    internal LearningCurve Curve(RunSpec study, string metric) =>
        LearningCurve.Of([.. plan.Seeds.Select(seed => Points(EventReader.ReadAll(StudyTraining.SpecOf(study, seed).Directory), metric).ToArray())]);

    /// <summary>The validations of a run, each with the time of the steps before it.</summary>
    internal static IEnumerable<(long Step, double Seconds, double? Metric)> Points(IEnumerable<TrainingEvent> events, string metric)
    {
        var seconds = 0.0;
        foreach (var trainingEvent in events)
        {
            if (trainingEvent is StepCompleted step)
                seconds += step.DurationSeconds;
            else if (trainingEvent is EvaluationCompleted { IsValidation: true } evaluation)
                yield return (evaluation.Step, seconds, evaluation.Metrics.GetValueOrDefault(metric));
        }
    }

    /// <summary>The time of a run, from a few measured steps; null where these diverge.</summary>
    private static double? SecondsOf(RunSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            return RunPlanner.Plan(spec, RunMode.Resume, measures: true, cancellationToken).Estimate!.Seconds;
        }
        catch (TrainingDivergedException)
        {
            return null;
        }
    }

    private static string Said(RunResult result) => string.Create(CultureInfo.InvariantCulture,
        $"{MetricText.Percent(result.Validation?.Metrics.Values.FirstOrDefault())} by its best evaluation, {result.DurationSeconds:0} s");
}

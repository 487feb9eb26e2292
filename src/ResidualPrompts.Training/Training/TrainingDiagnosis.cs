using System.Globalization;
using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>
/// Watches a run for common problems and raises one <see cref="WarningRaised"/> for each symptom, with the usual remedy. It wraps the events of
/// the trainer, checks gradients after a step and the prompt after an epoch, and changes nothing.
/// </summary>
/// <param name="trained">The trained parts.</param>
/// <param name="lastStep">The last step, unless patience ends the run earlier.</param>
/// <param name="state">The run's position; it records the raised symptoms, so a resumed run does not repeat them.</param>
/// <param name="start">The prompt's rows before the first step, f32[P, H]; null without a prompt.</param>
/// <param name="kind">What decides which remedies apply.</param>
internal sealed class TrainingDiagnosis(TrainedParts trained, long lastStep, TrainingState state, Tensor? start, RunKind kind)
{
    /// <summary>Share of rows with the same answer that counts as a collapse.</summary>
    private const double CollapsedShare = 0.98;

    /// <summary>With this share of one label in the data, one answer for nearly all rows may be right.</summary>
    private const double OneSidedShare = 0.9;

    /// <summary>A collapse on fewer examples may be chance.</summary>
    private const int LeastExamples = 8;
    private const double InvalidShare = 0.2;

    /// <summary>
    /// Evaluations in a row until a warning. A prompt often starts with a collapse or invalid answers; if they last this long, or to the end, they
    /// will not disappear by themselves.
    /// </summary>
    private const int Evaluations = 3;

    /// <summary>Movement relative to the initial norm; one step at a usual rate moves a hundred times as much.</summary>
    private const double LeastMovement = 1e-3;
    private const int LeastSteps = 20;

    /// <summary>Norm relative to vocabulary rows. Good prompts have ten times their norm (those published by Lester et al. 2021).</summary>
    private const double MaxLengths = 100;
    private const int StepsBetweenLooks = 100;
    private const int StepsWithoutGradient = 10;

    /// <summary>Share of the largest gradient of a row; smaller differences are below the precision of float32.</summary>
    private const double LeastGradientShare = 1e-8;

    private readonly TrainingRemedies _remedies = new(kind, trained.Prompt is not null);
    private double? _vocabularyLength;
    private ValidationOutcome? _outcome;

    /// <summary>Wraps an evaluation, whose answers are checked at its event.</summary>
    /// <param name="validate">The evaluation.</param>
    public Func<ValidationOutcome> Watching(Func<ValidationOutcome> validate) => () => _outcome = validate();

    /// <summary>The same events, each followed by the warnings that it causes.</summary>
    /// <param name="events">A trainer's events.</param>
    public IEnumerable<TrainingEvent> Watch(IEnumerable<TrainingEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (var trainingEvent in events)
        {
            // Before the event: the consumer may write a checkpoint, which must include the raised symptoms.
            var warnings = Warnings(trainingEvent).Where(warning => state.Raised.Add(warning.Symptom)).ToList();
            foreach (var warning in warnings)
                yield return warning;
            yield return trainingEvent;
        }
    }

    private IEnumerable<WarningRaised> Warnings(TrainingEvent trainingEvent) => trainingEvent switch
    {
        StepCompleted step => GradientWarning(step).Concat(step.Step % StepsBetweenLooks == 0 ? NormWarning(step.Step, step.Epoch) : []),
        EvaluationCompleted evaluation when _outcome is { } outcome => AnswerWarnings(evaluation, outcome),
        EpochCompleted epoch => MovementWarning(epoch).Concat(NormWarning(epoch.Step, epoch.Epoch)),
        _ => [],
    };

    private IEnumerable<WarningRaised> GradientWarning(StepCompleted step)
    {
        if (trained.Prompt is null || state.Raised.Contains(TrainingSymptom.RowWithoutGradient))
            yield break;
        if (state.StepsWithoutGradient.Length != trained.Prompt.VirtualTokenCount)
            state.StepsWithoutGradient = new int[trained.Prompt.VirtualTokenCount];
        var lengths = GradientLengths();
        var largest = lengths.Max();
        for (var row = 0; row < lengths.Length; row++)
            state.StepsWithoutGradient[row] = lengths[row] <= LeastGradientShare * largest ? state.StepsWithoutGradient[row] + 1 : 0;
        int[] dead = [.. Enumerable.Range(0, lengths.Length).Where(row => state.StepsWithoutGradient[row] >= StepsWithoutGradient)];
        if (dead.Length > 0)
        {
            var cause = kind.LacksSkip ? "; a network without a skip connection may have died" : "";
            yield return Warning(step.Step, step.Epoch, TrainingSymptom.RowWithoutGradient,
                $"no gradient has reached {Rows(dead)} of the prompt for {StepsWithoutGradient} steps{cause}");
        }
    }

    private IEnumerable<WarningRaised> AnswerWarnings(EvaluationCompleted evaluation, ValidationOutcome outcome)
    {
        var count = Math.Max(1, outcome.ExampleCount);
        var (answer, answered) = outcome.Answers?.OrderByDescending(pair => pair.Value)
            .Select(pair => (pair.Key, pair.Value)).FirstOrDefault() ?? default;
        var mixed = outcome.ExampleCount >= LeastExamples
            && outcome.References is { Count: > 1 } references
            && references.Values.Max() <= OneSidedShare * count;
        state.CollapsedEvaluations = mixed && answered >= CollapsedShare * count ? state.CollapsedEvaluations + 1 : 0;
        state.InvalidEvaluations = outcome.InvalidCount > InvalidShare * count ? state.InvalidEvaluations + 1 : 0;
        var isLast = evaluation.Step == lastStep || state.IsPatienceExhausted;
        if (state.CollapsedEvaluations >= (isLast ? 1 : Evaluations))
        {
            yield return Warning(evaluation.Step, evaluation.Epoch, TrainingSymptom.MajorityCollapse,
                string.Create(CultureInfo.InvariantCulture,
                    $"{answered} of {outcome.ExampleCount} validation rows get the answer '{answer}', although the labels are mixed"));
        }

        if (state.InvalidEvaluations >= (isLast ? 1 : Evaluations))
        {
            yield return Warning(evaluation.Step, evaluation.Epoch, TrainingSymptom.InvalidAnswers,
                string.Create(CultureInfo.InvariantCulture,
                    $"{outcome.InvalidCount} of {outcome.ExampleCount} validation answers are not a label"));
        }
    }

    private IEnumerable<WarningRaised> MovementWarning(EpochCompleted epoch)
    {
        if (start is null || epoch.Step < LeastSteps)
            yield break;
        var moved = Moved(start);
        if (moved < LeastMovement)
        {
            yield return Warning(epoch.Step, epoch.Epoch, TrainingSymptom.PromptNotMoving,
                string.Create(CultureInfo.InvariantCulture,
                    $"the prompt has moved by {moved:g2} of its length in {epoch.Step} steps"));
        }
    }

    private IEnumerable<WarningRaised> NormWarning(long step, int epoch)
    {
        if (trained.Prompt is null)
            yield break;
        var (row, times) = LongestRow();
        if (times > MaxLengths)
        {
            yield return Warning(step, epoch, TrainingSymptom.ExplodingNorm,
                string.Create(CultureInfo.InvariantCulture,
                    $"row {row} of the prompt is {times:g3} times as long as a row of the vocabulary"));
        }
    }

    /// <summary>Norm of the movement since the start, relative to the initial norm.</summary>
    private double Moved(Tensor from)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return (trained.Prompt!.Forward() - from).norm().item<float>() / Math.Max(from.norm().item<float>(), float.Epsilon);
    }

    /// <summary>The row with the largest norm, and its norm relative to the mean norm of the vocabulary.</summary>
    private (long Row, double Times) LongestRow()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        _vocabularyLength ??= Lengths(trained.Model.Model.Weights["shared.weight"]).mean().item<float>();
        var lengths = Lengths(trained.Prompt!.Forward());
        return (lengths.argmax().item<long>(), lengths.max().item<float>() / _vocabularyLength.Value);
    }

    private float[] GradientLengths()
    {
        using var scope = NewDisposeScope();
        return trained.Prompt!.Parameters[Prompts.SoftPrompt.RowsName].grad is { } gradient
            ? Lengths(gradient).cpu().data<float>().ToArray()
            : new float[trained.Prompt.VirtualTokenCount];
    }

    private static Tensor Lengths(Tensor rows) => rows.to_type(ScalarType.Float32).square().sum(1).sqrt();

    private WarningRaised Warning(long step, int epoch, TrainingSymptom symptom, string observation)
    {
        var advice = _remedies.Of(symptom, state.IsPatienceExhausted);
        return new WarningRaised(step, epoch, symptom, advice.Count == 0 ? observation : $"{observation}: {TrainingRemedies.Text(advice)}")
        {
            Remedies = [.. advice.Select(one => one.Remedy)],
        };
    }

    private static string Rows(int[] rows) => rows.Length == 1
        ? $"row {rows[0]}"
        : $"rows {string.Join(", ", rows.Take(8))}{(rows.Length > 8 ? $" and {rows.Length - 8} more" : "")}";
}

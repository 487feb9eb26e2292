using System.Diagnostics;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Randomness;
using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>The outcome of one evaluation.</summary>
/// <param name="Value">The metric that selects the best state, a fraction; null when undefined.</param>
/// <param name="Metrics">All metrics by name.</param>
/// <param name="ExampleCount">Examples.</param>
/// <param name="InvalidCount">Answers that are not a label.</param>
/// <param name="Answers">Number of times each label was the answer; null when not counted.</param>
/// <param name="References">Number of times each label was the right one; null when not counted.</param>
internal sealed record ValidationOutcome(
    double? Value, IReadOnlyDictionary<string, double?> Metrics, int ExampleCount, int InvalidCount,
    IReadOnlyDictionary<string, int>? Answers = null, IReadOnlyDictionary<string, int>? References = null);

/// <summary>
/// The training loop, as a lazy sequence of events: a caller stops training by no longer enumerating. Whenever
/// <see cref="IsAtRest"/>, another run can continue from the state, the parameters and the optimizer.
/// </summary>
internal sealed class Trainer(
    TrainedParts trained, Optimizer optimizer, TrainingSettings settings,
    IReadOnlyList<EncodedExample> examples, Func<ValidationOutcome>? validate, TrainingState state)
{
    /// <summary>
    /// Name of the <see cref="ActivitySource"/> that measures where the time of a step is spent: one activity <c>gradients</c> for each forward and
    /// backward pass, one <c>update</c> for each step. Free unless there is a listener.
    /// </summary>
    public const string ActivitySourceName = "ResidualPrompts.Training";

    private static readonly ActivitySource Activities = new(ActivitySourceName);
    private readonly Seeds _seeds = new(settings.Seed);
    private readonly int _stepsPerEpoch = settings.StepsPerEpoch(examples.Count);
    private (int Epoch, int[][] Groups)? _order;

    /// <summary>The last step, unless patience ends the run earlier.</summary>
    public long LastStep { get; } = settings.LastStep(examples.Count);

    /// <summary>
    /// Whether another run can continue after the event just yielded: true after a step and after the last of its consequences (evaluation, exhausted
    /// patience, completed epoch), false between these.
    /// </summary>
    public bool IsAtRest { get; private set; }

    /// <summary>Whether the last step still has consequences, which come with the next events.</summary>
    public bool HasPending => state.SettledStep < state.Step && (IsEvaluated || IsEpochEnd);

    private bool IsEpochEnd => state.StepsInEpoch == _stepsPerEpoch;

    private bool IsEvaluated => validate is not null && (state.Step == LastStep || (settings.EvaluateEverySteps is { } every
        ? state.Step % every == 0
        : IsEpochEnd && (state.CompletedEpochs + 1) % settings.EvaluateEvery == 0));

    /// <summary>Trains from the state's position to the end.</summary>
    /// <exception cref="TrainingDivergedException">The loss is not finite.</exception>
    public IEnumerable<TrainingEvent> Run()
    {
        while (true)
        {
            var consequences = HasPending ? Settle() : [];
            foreach (var (index, consequence) in consequences.Index())
            {
                IsAtRest = index == consequences.Count - 1;
                yield return consequence;
            }

            if (state.Step >= LastStep || state.IsPatienceExhausted)
                yield break;
            var step = Step();
            IsAtRest = true;
            yield return step;
        }
    }

    /// <summary>
    /// The consequences of the last step. An interrupted evaluation leaves the state unchanged since that step; a complete one changes it at once.
    /// </summary>
    private List<TrainingEvent> Settle()
    {
        var events = new List<TrainingEvent>();
        var (epoch, isEpochEnd) = (state.CompletedEpochs + 1, IsEpochEnd);
        if (IsEvaluated)
            events.Add(Evaluate(validate!, epoch));
        if (state.IsPatienceExhausted)
            events.Add(new PatienceExhausted(state.Step, epoch, state.EvaluationsWithoutImprovement));
        if (isEpochEnd)
        {
            events.Add(new EpochCompleted(state.Step, epoch, state.LossSum / state.StepsInEpoch));
            (state.CompletedEpochs, state.StepsInEpoch, state.LossSum) = (epoch, 0, 0);
        }

        state.SettledStep = state.Step;
        return events;
    }

    /// <summary>Indices of the examples of each update of an epoch.</summary>
    internal static IEnumerable<int[]> StepsOf(TrainingSettings settings, int exampleCount, int epoch)
    {
        var order = settings.Shuffle
            ? DeterministicOrder.Permutation(exampleCount, settings.Seed, RandomPurpose.TrainingOrder, epoch)
            : [.. Enumerable.Range(0, exampleCount)];
        return order.Chunk(settings.BatchSize * settings.AccumulationCount);
    }

    private int[][] StepsOf(int epoch)
    {
        if (_order is not { } order || order.Epoch != epoch)
            _order = order = (epoch, [.. StepsOf(settings, examples.Count, epoch)]);
        return order.Groups;
    }

    private StepCompleted Step()
    {
        var start = Stopwatch.GetTimestamp();
        var (step, epoch) = (state.Step + 1, state.CompletedEpochs + 1);
        var group = StepsOf(epoch)[state.StepsInEpoch];
        optimizer.ZeroGradients();
        var loss = AccumulateGradients(step, group);
        var norm = GradientNorm();
        if (!double.IsFinite(loss) || !double.IsFinite(norm))
            throw TrainingDivergedException.At(step, epoch, loss, norm, optimizer.LargestLearningRate);
        if (settings.LargestGradientNorm is { } largest && norm > largest)
            ScaleGradients(largest / norm);
        using (Activities.StartActivity("update"))
            optimizer.Step(settings.Schedule.At(step));

        state.Step = step;
        state.StepsInEpoch++;
        state.LossSum += loss;
        var tokenCount = group.Sum(i => examples[i].InputIds.Length + trained.Model.VirtualTokenCount);
        return new StepCompleted(step, epoch, loss, norm, group.Length, tokenCount, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>Accumulates the gradients of the mean loss over all target tokens of the group, one batch at a time.</summary>
    private double AccumulateGradients(long step, int[] group)
    {
        var totalTokens = group.Sum(TargetTokens);
        var sum = 0.0;
        foreach (var (part, indices) in group.Chunk(settings.BatchSize).Index())
        {
            using var scope = NewDisposeScope();
            using var batch = Batch.Of([.. indices.Select(i => examples[i])], trained.Model.Model.Config.PadId, trained.Model.Model.Device);
            var share = (double)indices.Sum(TargetTokens) / totalTokens;
            using var activity = Activities.StartActivity("gradients");
            sum += share * trained.Model.Backward(
                batch, share, DropoutOf(settings.BackboneDropout, _seeds.BackboneDropout(step, part)),
                DropoutOf(settings.NetworkDropout, _seeds.NetworkDropout(step, part)), settings.GradientCheckpointing);
        }

        return sum;
    }

    private EvaluationCompleted Evaluate(Func<ValidationOutcome> evaluate, int epoch)
    {
        var start = Stopwatch.GetTimestamp();
        var outcome = evaluate();
        var isBest = outcome.Value is { } value && (state.BestValue is null || value > state.BestValue);
        if (isBest)
        {
            state.Best?.Dispose();
            (state.BestValue, state.BestEpoch, state.BestStep, state.Best) = (outcome.Value, epoch, state.Step, trained.Release());
        }

        state.EvaluationsWithoutImprovement = isBest ? 0 : state.EvaluationsWithoutImprovement + 1;
        state.IsPatienceExhausted = state.EvaluationsWithoutImprovement >= settings.Patience;
        return new EvaluationCompleted(
            state.Step, epoch, EvaluationCompleted.Validation, outcome.Metrics, outcome.ExampleCount, outcome.InvalidCount,
                isBest, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static Dropout? DropoutOf(double rate, ulong seed) => rate > 0 ? new Dropout(rate, seed) : null;

    private int TargetTokens(int index) => examples[index].TargetIds!.Length;

    private double GradientNorm()
    {
        using var scope = NewDisposeScope();
        var squares = optimizer.Parameters.Select(pair => pair.Value.grad).OfType<Tensor>().Select(gradient => gradient.square().sum()).ToArray();
        return squares.Length == 0 ? 0 : Math.Sqrt(stack(squares).sum().item<float>());
    }

    private void ScaleGradients(double factor)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        foreach (var (_, parameter) in optimizer.Parameters)
            parameter.grad?.mul_(factor);
    }
}

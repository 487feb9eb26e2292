using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Training;

public sealed class TrainerTests
{
    public static TheoryData<string> Kinds => PromptKinds.All;

    private static TrainingSettings Settings => new() { EpochCount = 2, BatchSize = 4, BackboneDropout = 0.1, NetworkDropout = 0.2, Seed = 7 };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_the_prompt_changes(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        var before = model.Weights.ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        using var prompt = PromptKinds.Create(kind);
        var start = prompt.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        _ = Train(model, prompt, Settings);
        foreach (var (name, weight) in model.Weights)
        {
            TensorAssert.Equal(weight, before[name], name);
            weight.grad.Should().BeNull(name);
        }

        foreach (var (name, parameter) in prompt.Parameters)
            TensorAssert.Differ(parameter, start[name], 1e-6, name);
    }

    [Fact]
    public void The_same_seed_gives_the_same_losses_and_another_seed_others()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        double[] Losses(long seed)
        {
            using var prompt = PromptKinds.Create("residual mlp");
            return [.. Train(model, prompt, Settings with { Seed = seed }).OfType<StepCompleted>().Select(step => step.Loss)];
        }

        var losses = Losses(7);
        losses.Length.Should().Be(6);
        Losses(7).Should().Equal(losses);
        Losses(8).Should().NotEqual(losses);
    }

    [Fact]
    public void The_order_changes_each_epoch_unless_shuffling_is_off()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        int[] Tokens(bool shuffle)
        {
            using var prompt = PromptKinds.Create("plain");
            var settings = Settings with { Shuffle = shuffle, BatchSize = 1, EpochCount = 2 };
            return [.. Train(model, prompt, settings).OfType<StepCompleted>().Select(step => step.TokenCount)];
        }

        var inOrder = Some.TrainingExamples.Select(example => example.InputIds.Length + PromptKinds.Length).ToArray();
        Tokens(shuffle: false).Should().Equal([.. inOrder, .. inOrder]);
        var shuffled = Tokens(shuffle: true);
        shuffled[..10].Should().NotEqual(shuffled[10..]).And.BeEquivalentTo(inOrder);
    }

    [Fact]
    public void Accumulated_gradients_equal_those_of_one_big_batch()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        Tensor Trained(int batchSize, int accumulation, out double[] losses)
        {
            using var prompt = PromptKinds.Create("residual mlp");
            var settings = new TrainingSettings { EpochCount = 1, BatchSize = batchSize, AccumulationCount = accumulation, Shuffle = false };
            losses = [.. Train(model, prompt, settings).OfType<StepCompleted>().Select(step => step.Loss)];
            return prompt.Fold().Forward();
        }

        var big = Trained(8, 1, out var bigLosses);
        var parts = Trained(2, 4, out var partLosses);
        partLosses.Zip(bigLosses).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        TensorAssert.Close(parts, big, 1e-4);
    }

    [Fact]
    public void Gradients_are_scaled_down_to_the_largest_norm()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, 1e-9)], 0);
        var settings = new TrainingSettings { EpochCount = 1, BatchSize = 10, LargestGradientNorm = 1e-3 };
        using var state = new TrainingState();
        var step = new Trainer(new TrainedParts(model, prompt), optimizer, settings, Some.TrainingExamples, null, state).Run().OfType<StepCompleted>()
            .Single();
        step.GradientNorm.Should().BeGreaterThan(1e-3);
        prompt.Parameters["prompt"].grad!.norm().item<float>().Should().BeApproximately(1e-3f, 1e-6f);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_run_that_goes_on_from_its_state_ends_with_the_same_bytes(int stopAfter)
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        var settings = Settings with { EpochCount = 3, BatchSize = 5 };
        using var whole = PromptKinds.Create("residual mlp");
        var losses = Train(model, whole, settings).OfType<StepCompleted>().Select(step => step.Loss).ToArray();

        using var first = PromptKinds.Create("residual mlp");
        using var optimizer = Optimizer(first);
        using var state = new TrainingState();
        var beginning = new Trainer(new TrainedParts(model, first), optimizer, settings, Some.TrainingExamples, null, state).Run()
            .TakeUntil(happened => happened is StepCompleted step && step.Step == stopAfter).OfType<StepCompleted>().Select(step => step.Loss)
                .ToArray();

        using var second = PromptKinds.Create("residual mlp", seed: 99);
        using var restored = Optimizer(second);
        using (no_grad())
        {
            foreach (var (name, parameter) in second.Parameters)
                parameter.copy_(first.Parameters[name]);
        }

        restored.Restore(optimizer.State, optimizer.StepCount);
        var rest = new Trainer(new TrainedParts(model, second), restored, settings, Some.TrainingExamples, null, state).Run().OfType<StepCompleted>()
            .Select(step => step.Loss);
        beginning.Concat(rest).Should().Equal(losses);
        TensorAssert.Equal(second.Forward(), whole.Forward());
    }

    [Fact]
    public void The_best_evaluation_is_remembered_and_patience_ends_the_run()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        using var optimizer = Optimizer(prompt);
        var values = new Queue<double?>([0.5, 0.7, 0.7, null, 0.6, 0.9]);
        Tensor? atBest = null;
        var evaluations = 0;
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, Settings with { EpochCount = 10, Patience = 3 }, Some.TrainingExamples,
            () =>
        {
            if (++evaluations == 2)
                atBest = prompt.Forward().detach().clone();
            var value = values.Dequeue();
            return new ValidationOutcome(value, new Dictionary<string, double?> { ["accuracy"] = value }, 10, 0);
        }, state);
        var events = trainer.Run().ToList();
        events.OfType<EvaluationCompleted>().Select(evaluation => evaluation.IsBest).Should().Equal(true, true, false, false, false);
        events.OfType<PatienceExhausted>().Single().EvaluationCount.Should().Be(3);
        (state.BestEpoch, state.BestValue, state.CompletedEpochs).Should().Be((2, 0.7, 5));
        TensorAssert.Equal(state.Best!.Tensors["prompt"], atBest!);
    }

    [Fact]
    public void An_evaluation_that_is_broken_off_is_made_again()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        using var optimizer = Optimizer(prompt);
        var breaks = true;
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, Settings with { EpochCount = 1 }, Some.TrainingExamples, () =>
            breaks ? throw new OperationCanceledException() : new ValidationOutcome(1, new Dictionary<string, double?>(), 1, 0), state);
        trainer.Invoking(broken => broken.Run().Count()).Should().Throw<OperationCanceledException>();
        (state.Step, state.StepsInEpoch, state.CompletedEpochs).Should().Be((3, 3, 0));
        breaks = false;
        trainer.Run().Select(happened => happened.GetType()).Should().Equal(typeof(EvaluationCompleted), typeof(EpochCompleted));
        state.Step.Should().Be(3);
    }

    [Fact]
    public void Evaluations_come_every_so_many_epochs_and_at_the_end()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        using var optimizer = Optimizer(prompt);
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, Settings with { EpochCount = 5, EvaluateEvery = 2 },
            Some.TrainingExamples, () => new ValidationOutcome(1, new Dictionary<string, double?>(), 1, 0), state);
        trainer.Run().OfType<EvaluationCompleted>().Select(evaluation => evaluation.Epoch).Should().Equal(2, 4, 5);
    }

    /// <summary>Three steps are an epoch.</summary>
    [Theory]
    [InlineData(5, 7, null, "3 6 7")]
    [InlineData(5, 7, 2, "2 4 6 7")]
    [InlineData(2, 7, 4, "4 6")]
    [InlineData(null, 3, 9, "3")]
    public void Steps_and_epochs_end_a_run_whichever_come_first_and_its_last_step_is_evaluated(
        int? epochs, int steps, int? every, string evaluated)
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        using var optimizer = Optimizer(prompt);
        var settings = Settings with { EpochCount = epochs ?? int.MaxValue, MaxSteps = steps, EvaluateEverySteps = every };
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, settings,
            Some.TrainingExamples, () => new ValidationOutcome(state.Step, new Dictionary<string, double?>(), 1, 0), state);
        var events = trainer.Run().ToList();
        string.Join(' ', events.OfType<EvaluationCompleted>().Select(evaluation => evaluation.Step)).Should().Be(evaluated);
        events.OfType<EpochCompleted>().Select(epoch => epoch.Step).Should()
            .Equal(Enumerable.Range(1, (int)state.Step / 3).Select(epoch => 3L * epoch));
        events.OfType<EvaluationCompleted>().Should().OnlyContain(evaluation => evaluation.Epoch == (evaluation.Step + 2) / 3);
        (state.BestStep, state.BestEpoch).Should().Be((state.Step, (int)(state.Step + 2) / 3));
    }

    /// <summary>An evaluation, the end of patience and the end of an epoch at one step are one change of the state.</summary>
    [Fact]
    public void A_run_is_at_rest_after_a_step_and_after_all_its_consequences()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        using var optimizer = Optimizer(prompt);
        var settings = Settings with { EpochCount = 2, EvaluateEverySteps = 1, Patience = 3 };
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, settings,
            Some.TrainingExamples, () => new ValidationOutcome(null, new Dictionary<string, double?>(), 1, 0), state);
        trainer.Run().Select(happened => (happened.GetType().Name, trainer.IsAtRest, trainer.HasPending)).Should().Equal(
            (nameof(StepCompleted), true, true), (nameof(EvaluationCompleted), true, false),
            (nameof(StepCompleted), true, true), (nameof(EvaluationCompleted), true, false),
            (nameof(StepCompleted), true, true), (nameof(EvaluationCompleted), false, false),
            (nameof(PatienceExhausted), false, false), (nameof(EpochCompleted), true, false));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_and_says_why()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("plain");
        using (no_grad())
            prompt.Parameters["prompt"].fill_(float.PositiveInfinity);
        var act = () => Train(model, prompt, Settings);
        act.Should().Throw<TrainingDivergedException>().WithMessage("*NaN at step 1*learning rate 0.1*");
    }

    private static OriginalAdamW Optimizer(SoftPrompt prompt) => new([new ParameterGroup(prompt.Parameters, 0.1)], 1e-5);

    private static List<TrainingEvent> Train(T5Model model, SoftPrompt prompt, TrainingSettings settings)
    {
        using var optimizer = Optimizer(prompt);
        using var state = new TrainingState();
        return [.. new Trainer(new TrainedParts(model, prompt), optimizer, settings, Some.TrainingExamples, null, state).Run()];
    }
}

internal static class Sequences
{
    /// <summary>Elements up to and including the first one that fulfils a condition; nothing is drawn after it.</summary>
    internal static IEnumerable<T> TakeUntil<T>(this IEnumerable<T> source, Func<T, bool> isLast)
    {
        foreach (var item in source)
        {
            yield return item;
            if (isLast(item))
                yield break;
        }
    }
}

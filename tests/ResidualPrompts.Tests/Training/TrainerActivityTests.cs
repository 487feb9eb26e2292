using System.Diagnostics;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Training;

public sealed class TrainerActivityTests
{
    [Fact]
    public void A_step_tells_where_its_time_goes()
    {
        var told = new List<(string Name, TimeSpan Duration)>();
        var thread = Environment.CurrentManagedThreadId;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Trainer.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStopped = part =>
            {
                if (Environment.CurrentManagedThreadId == thread) // other tests train at the same time
                    told.Add((part.OperationName, part.Duration));
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = PromptKinds.Create("residual mlp");
        var trained = new TrainedParts(model, prompt);
        using var optimizer = new OriginalAdamW([new ParameterGroup(trained.Parameters, 0.1)], 0);
        using var state = new TrainingState();
        var settings = new TrainingSettings { EpochCount = 1, BatchSize = 2, AccumulationCount = 3 };
        var step = (StepCompleted)new Trainer(trained, optimizer, settings, Some.TrainingExamples, null, state).Run().First();
        told.Select(part => part.Name).Should().Equal("gradients", "gradients", "gradients", "update");
        told.Sum(part => part.Duration.TotalSeconds).Should().BeInRange(step.DurationSeconds * 0.3, step.DurationSeconds * 1.01);
    }
}

using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Compute;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Training;

/// <summary>Masks are the same whoever computes, so a training with dropout takes the same course.</summary>
public sealed class DropoutTrajectoryTests
{
    [Theory]
    [InlineData(Computing.Managed, 10)]
    [InlineData(Computing.Managed, 11)]
    [InlineData(Computing.Mixed, 10)]
    public void A_training_with_dropout_has_the_losses_of_libtorch(Computing computing, int version)
    {
        var expected = Losses(Computing.LibTorch, version);
        expected.Should().HaveCount(6).And.OnlyHaveUniqueItems();
        foreach (var (loss, other) in Losses(computing, version).Zip(expected))
            loss.Should().BeApproximately(other, 1e-4 * other);
    }

    private static double[] Losses(Computing computing, int version)
    {
        using var model = AnyComputing.Frozen(TinyT5.Version(version), computing);
        using var prompt = PromptKinds.Create("residual mlp");
        using var state = new TrainingState();
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, 0.01)], 1e-5);
        var settings = new TrainingSettings { EpochCount = 2, BatchSize = 4, BackboneDropout = 0.2, Seed = 7 };
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, settings, Some.TrainingExamples, null, state);
        return [.. trainer.Run().OfType<StepCompleted>().Select(step => step.Loss)];
    }
}

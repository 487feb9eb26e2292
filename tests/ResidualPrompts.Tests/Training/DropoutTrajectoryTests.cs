using ResidualPrompts.Compute;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Compute;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Training;

/// <summary>Masks are the same whoever computes, so a training with dropout takes the same course.</summary>
public sealed class DropoutTrajectoryTests
{
    [Theory]
    [InlineData(ComputePolicy.Managed, 10)]
    [InlineData(ComputePolicy.Managed, 11)]
    public void A_training_with_dropout_has_the_losses_of_libtorch(ComputePolicy policy, int version)
    {
        var expected = Losses(ComputePolicy.LibTorch, version);
        expected.Should().HaveCount(6).And.OnlyHaveUniqueItems();
        foreach (var (loss, other) in Losses(policy, version).Zip(expected))
            loss.Should().BeApproximately(other, 1e-4 * other);
    }

    private static double[] Losses(ComputePolicy policy, int version)
    {
        using var model = BothPolicies.Frozen(TinyT5.Version(version), policy);
        using var prompt = PromptKinds.Create("residual mlp");
        using var state = new TrainingState();
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, 0.01)], 1e-5);
        var settings = new TrainingSettings { EpochCount = 2, BatchSize = 4, BackboneDropout = 0.2, Seed = 7 };
        var trainer = new Trainer(new TrainedParts(model, prompt), optimizer, settings, Some.TrainingExamples, null, state);
        return [.. trainer.Run().OfType<StepCompleted>().Select(step => step.Loss)];
    }
}

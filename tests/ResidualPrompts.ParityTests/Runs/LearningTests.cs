using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.ParityTests.Runs;

/// <summary>Training really learns: two hundred steps on real sentences beat the majority class on sentences never seen.</summary>
public sealed class LearningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Two_hundred_steps_of_a_residual_prompt_beat_the_majority_class_on_the_test_split()
    {
        var spec = new RunSpec
        {
            Task = "subj",
            Model = "t5-nano",
            Reparameterization = Reparameterization.Mlp,
            BottleneckSize = 128,
            FewShot = 100,
            TestFromValidation = true, // 500 sentences
            ValidationPerClass = 50,
            Epochs = 8,
            EvaluateEvery = 4,
            Test = true,
            SaveDir = _folder.Path,
            SaveName = "run",
        };
        var result = TrainingRun.Train(spec, cancellationToken: TestContext.Current.CancellationToken).Result!;
        result.Steps.Should().Be(200);
        var majority = result.Test!.Confusion.Max(row => row.Sum()) / (double)result.Test.N;
        majority.Should().BeInRange(0.5, 0.56);
        result.Test.Metrics["accuracy"].Should().BeGreaterThan(majority + 0.08);
    }
}

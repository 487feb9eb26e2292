using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Predictions;

/// <summary>Runs on one model load it once, and their figures are those of a run that is opened alone.</summary>
public sealed class SharedBackboneTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Runs_opened_one_after_another_share_the_model_until_one_has_another()
    {
        TinyRun.Train(TinyRun.Spec(_folder, "a"));
        TinyRun.Train(TinyRun.Spec(_folder, "b") with { Seed = 1 });
        TinyRun.Train(TinyRun.Spec(_folder, "tuned") with { Method = TuningMethod.Full });
        using var shared = new SharedBackbone();
        foreach (var (name, loads) in new[] { ("a", 1), ("b", 1), ("tuned", 2), ("a", 3) })
        {
            using var run = TrainedRun.Open([_folder.File(name)], shared, allowMismatch: false);
            shared.LoadCount.Should().Be(loads);
            using var alone = TinyRun.Open(_folder.File(name));
            run.Evaluate(DataSplit.Validation).Metrics.Should().Equal(alone.Evaluate(DataSplit.Validation).Metrics);
        }
    }
}

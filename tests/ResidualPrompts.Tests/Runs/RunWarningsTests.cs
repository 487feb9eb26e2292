using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>Warnings of real runs in the event log.</summary>
public sealed class RunWarningsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_healthy_run_warns_of_nothing() => Warnings(new RunSpec
    {
        Task = "subj",
        Model = "t5-nano",
        FewShot = 40,
        ValidationPerClass = 50,
        Epochs = 2,
        Reparameterization = Reparameterization.Mlp,
        BottleneckSize = 32,
        SaveDir = _folder.Path,
        SaveName = "run",
    }).Should().BeEmpty();

    [Fact]
    public void A_learning_rate_too_low_is_told() => Warnings(Tiny with { LearningRate = 1e-8, Epochs = 6, EvaluateEvery = 6 })
        .Should().Contain("prompt_not_moving");

    [Fact]
    public void A_learning_rate_too_high_is_told() =>
        Warnings(Tiny with { LearningRate = 3000, Epochs = 4 }).Should().Contain("exploding_norm").And.Contain("majority_collapse")
            .And.OnlyHaveUniqueItems();

    [Fact]
    public void Answers_that_are_no_label_are_told() =>
        Warnings(Tiny with { LearningRate = 1e-8, Epochs = 3, Evaluation = EvaluationMode.Generate }).Should().Contain("invalid_answers");

    private RunSpec Tiny => TinyRun.Spec(_folder) with { Dropout = 0 };

    private string[] Warnings(RunSpec spec)
    {
        TinyRun.Train(spec);
        return [.. TinyRun.Events(_folder.File("run"), "warning").Select(warning => warning.GetProperty("symptom").GetString()!)];
    }
}

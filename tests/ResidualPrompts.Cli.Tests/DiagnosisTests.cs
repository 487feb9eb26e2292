using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Warnings of real runs, on standard error and in the event log.</summary>
public sealed class DiagnosisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_healthy_run_warns_of_nothing() => (await WarningsOf(
        "--task", "subj", "--model", "t5-nano", "--few-shot", "40", "--validation-per-class", "50", "--epochs", "2", "--reparameterization", "mlp", "--bottleneck-size", "32")).Should().BeEmpty();

    [Fact]
    public async Task A_learning_rate_too_low_is_told() => (await Warnings("--learning-rate", "1e-8", "--epochs", "6", "--evaluate-every", "6")).Should().Contain("prompt_not_moving");

    [Fact]
    public async Task A_learning_rate_too_high_is_told() =>
        (await Warnings("--learning-rate", "3000", "--epochs", "4")).Should().Contain("exploding_norm").And.Contain("majority_collapse").And.OnlyHaveUniqueItems();

    [Fact]
    public async Task Answers_that_are_no_label_are_told() => (await Warnings("--learning-rate", "1e-8", "--epochs", "3", "--evaluation", "generate")).Should().Contain("invalid_answers");

    private Task<string[]> Warnings(params string[] options) =>
        WarningsOf(["--model", IdData.WriteModel(_folder), "--data", IdData.WriteRows(_folder), "--dropout", "0", .. options]);

    private async Task<string[]> WarningsOf(params string[] options)
    {
        var result = await Program.Run(["train", "--save-dir", _folder.Path, "--save-name", "run", .. options]);
        result.ExitCode.Should().Be(0, result.Error);
        var events = (await File.ReadAllLinesAsync(_folder.File("run", "events.jsonl"), TestContext.Current.CancellationToken)).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(happened => happened.GetProperty("event").GetString() == "warning").ToArray();
        result.Error.Split('\n').Where(line => line.StartsWith("warning: ", StringComparison.Ordinal)).Should()
            .Equal(events.Select(warning => $"warning: {warning.GetProperty("message").GetString()} (step {warning.GetProperty("step").GetInt64()})"));
        return [.. events.Select(warning => warning.GetProperty("symptom").GetString()!)];
    }
}

using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Warnings of real runs, on standard error and in the event log.</summary>
public sealed class DiagnosisTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>One loop can go over kinds of prompts: a setting of another kind is no reason to refuse.</summary>
    [Fact]
    public async Task Settings_that_act_on_nothing_are_warned_of_by_their_options()
    {
        var result = await InProcess.Run(
            "train", "--save-dir", _folder.Path, "--save-name", "run", "--model", TinyFolder.WriteModel(_folder), "--data",
            TinyFolder.WriteRows(_folder),
            "--bottleneck-size", "40", "--nonlinearity", "tanh", "--epochs", "1");
        result.ShouldSucceed();
        result.Error.Should().Match("*warning: --bottleneck-size has no effect *warning: --nonlinearity has no effect *");
    }

    [Fact]
    public async Task Warnings_of_the_log_are_told_on_standard_error()
    {
        var result = await InProcess.Run(
            "train", "--save-dir", _folder.Path, "--save-name", "run", "--model", TinyFolder.WriteModel(_folder), "--data",
            TinyFolder.WriteRows(_folder),
            "--dropout", "0", "--learning-rate", "3000", "--epochs", "4");
        result.ShouldSucceed();
        var warnings = TinyRun.Events(_folder.File("run"), "warning").ToList();
        warnings.Should().NotBeEmpty();
        // How a message is worded for the command line is for RemedyTextTests.
        result.Error.Split('\n').Where(line => line.Contains("Z  warning: ", StringComparison.Ordinal)).Select(line => line[line.LastIndexOf('(')..])
            .Should().Equal(warnings.Select(warning => $"(step {warning.GetProperty("step").GetInt64()})"));
    }
}

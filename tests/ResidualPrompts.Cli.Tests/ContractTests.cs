using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A prompt is used on the model that it was trained on, or on another one when asked to.</summary>
public sealed class ContractTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Another_model_stops_every_command_unless_it_is_allowed()
    {
        var rows = await Train();
        using (NewDisposeScope())
            ModelFolder.Write(_folder.File("model"), TinyT5.Version11, TinyT5.Weights(TinyT5.Version11, seed: 2));
        string[][] commands =
        [
            ["evaluate", _folder.File("run")],
            ["predict", _folder.File("run"), "--input", rows],
            ["score", "--model", _folder.File("model"), "--prompt", _folder.File("run"), "--label-ids", "[[7,1]]", "--input", rows],
        ];
        foreach (var command in commands)
        {
            (await InProcess.Run(command))
                .ShouldBeRefused($"The prompt '*adapter' was trained on {_folder.File("model")}; the model * is another one: expected weights "
                + $"sha256:*…, found sha256:*….*--allow-mismatch*");
            var allowed = await InProcess.Run([.. command, "--allow-mismatch"]);
            allowed.ExitCode.Should().Be(0, allowed.Error);
            Warnings(allowed.Error).Should().ContainSingle().Which.Should().Match("warning: The prompt *is another one: expected weights sha256:*");
        }
    }

    [Fact]
    public async Task The_card_of_an_adapter_has_a_command_that_uses_it()
    {
        (await InProcess.Run(
            "train", "--task", "rotten-tomatoes", "--model", "t5-nano", "--few-shot", "4", "--validation-per-class", "4", "--epochs", "1",
            "--save-dir", _folder.Path, "--save-name", "run")).ShouldSucceed();
        (await File.ReadAllTextAsync(_folder.File("run", "adapter", "README.md"), TestContext.Current.CancellationToken))
            .Should().Contain("--labels negative,positive");
    }

    private async Task<string> Train()
    {
        var model = TinyFolder.WriteModel(_folder);
        var rows = TinyFolder.WriteRows(_folder);
        var result = await InProcess.Run("train", "--model", model, "--data", rows, "--save-dir", _folder.Path, "--save-name", "run", "--epochs",
            "1");
        result.ExitCode.Should().Be(0, result.Error);
        return Path.Combine(rows, "validation.jsonl");
    }

    /// <summary>Lines about the prompt; notes on metrics, such as a label that was never predicted, are not meant.</summary>
    private static string[] Warnings(string error) => [.. error.Split('\n').Where(line => line.StartsWith("warning:", StringComparison.Ordinal))];
}

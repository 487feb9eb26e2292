using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
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

    /// <summary>The records name the first version of the bundled model, as those of a run of that time do.</summary>
    [Fact]
    public async Task What_was_made_on_the_former_bundled_model_is_refused_with_the_reason()
    {
        (await InProcess.Run(
            "train", "--task", "rotten-tomatoes", "--model", "t5-nano", "--few-shot", "4", "--validation-per-class", "4", "--epochs", "1",
            "--save-dir", _folder.Path, "--save-name", "run")).ShouldSucceed();
        Change(_folder.File("run", "run.json"), record =>
        {
            record["inputs"]!["model_digests"]!["model.safetensors"] = FormerModels.FirstNanoFile;
            record.AsObject().Remove("files"); // digests of what is changed below; the first edition had none
        });
        foreach (var contract in Directory.GetFiles(_folder.File("run"), "residual_prompt.json", SearchOption.AllDirectories))
            Change(contract, json => json["backbone"]!["weights_digest"] = FormerModels.FirstNano);

        const string Reason = "*The bundled t5-nano changed: its embeddings are 4 times as large*trained again.*";
        (await InProcess.Run("evaluate", _folder.File("run"))).ShouldBeRefused(Reason);
        (await InProcess.Run("predict", _folder.File("run"), "a text")).ShouldBeRefused(Reason);
        (await InProcess.Run("inspect", _folder.File("run"))).ShouldBeRefused(Reason);
        (await InProcess.Run("train", "--resume", _folder.File("run"), "--epochs", "2")).ShouldBeRefused("*model_digests changed. " + Reason[1..]);
        var allowed = await InProcess.Run("evaluate", _folder.File("run"), "--allow-mismatch");
        Warnings(allowed.Error).Should().ContainSingle().Which.Should().Match(Reason);
    }

    private static void Change(string path, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
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

using System.Text.Json;
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
            (await Program.Run(command)).ShouldBeRefused($"The prompt '*adapter' was trained on {_folder.File("model")}; the model * is another one: expected weights sha256:*…, found sha256:*….*--allow-mismatch*");
            var allowed = await Program.Run([.. command, "--allow-mismatch"]);
            allowed.ExitCode.Should().Be(0, allowed.Error);
            Warnings(allowed.Error).Should().ContainSingle().Which.Should().Match("warning: The prompt *is another one: expected weights sha256:*");
        }
    }

    [Fact]
    public async Task Scores_that_are_no_numbers_never_become_the_first_label()
    {
        var rows = await Train();
        using (NewDisposeScope())
        {
            var weights = TinyT5.Weights(TinyT5.Version11);
            weights["decoder.final_layer_norm.weight"].fill_(float.NaN);
            ModelFolder.Write(_folder.File("model"), TinyT5.Version11, weights);
        }

        foreach (var command in new string[][] { ["evaluate", _folder.File("run")], ["predict", _folder.File("run"), "--input", rows] })
        {
            var result = await Program.Run([.. command, "--allow-mismatch"]);
            (result.ExitCode, result.Output).Should().Be((2, ""));
            result.Error.Should().Match("warning: *\nerror: *.jsonl, line 1: the scores are not finite: *");
        }
    }

    [Fact]
    public async Task The_same_model_in_another_form_is_the_same_model()
    {
        var rows = await Train();
        using (NewDisposeScope())
        {
            var halves = TinyT5.Weights(TinyT5.Version11).ToDictionary(pair => pair.Key, pair => pair.Value.to_type(ScalarType.BFloat16));
            ModelFolder.Write(Directory.CreateDirectory(_folder.File("half")).FullName, TinyT5.Version11, halves);
        }

        var scored = await Program.Run("score", "--model", _folder.File("half"), "--prompt", _folder.File("run"), "--label-ids", "[[7,1]]", "--input", rows);
        (scored.ExitCode, scored.Error).Should().Be((0, ""));
    }

    [Fact]
    public async Task A_prompt_without_a_contract_is_used_with_one_line_of_warning()
    {
        var rows = await Train();
        var contract = _folder.File("run", "adapter", "residual_prompt.json");
        var broken = (await File.ReadAllTextAsync(contract, TestContext.Current.CancellationToken)).Replace("\"num_virtual_tokens\": 10", "\"num_virtual_tokens\": 9", StringComparison.Ordinal);
        await File.WriteAllTextAsync(contract, broken, TestContext.Current.CancellationToken);
        (await Program.Run("evaluate", _folder.File("run"))).ShouldBeRefused("*residual_prompt.json speaks of a prompt [9, 20], but beside it is one of [10, 20]*");
        File.Delete(contract);
        foreach (var command in new string[][] { ["evaluate", _folder.File("run")], ["predict", _folder.File("run"), "--input", rows] })
        {
            var result = await Program.Run(command);
            result.ExitCode.Should().Be(0);
            Warnings(result.Error).Should().ContainSingle().Which.Should().Match("warning: *adapter' has no residual_prompt.json*is not checked.");
        }
    }

    [Fact]
    public async Task A_prompt_that_trained_with_weights_belongs_to_these()
    {
        var rows = await Train("--train-weights", "final_layer_norm");
        string[] score = ["score", "--prompt", _folder.File("run"), "--label-ids", "[[7,1]]", "--input", rows, "--model"];
        (await Program.Run([.. score, _folder.File("run")])).Error.Should().BeEmpty();
        Warnings((await Program.Run("evaluate", _folder.File("run"))).Error).Should().BeEmpty();
        (await Program.Run([.. score, _folder.File("model")])).ShouldBeRefused("*was trained on ../model;*");
    }

    [Fact]
    public async Task An_adapter_says_what_it_is_for()
    {
        var result = await Program.Run(
            "train", "--task", "rotten-tomatoes", "--model", "t5-nano", "--few-shot", "4", "--validation-per-class", "4", "--epochs", "1", "--reparameterization", "mlp", "--bottleneck-size", "8",
            "--save-dir", _folder.Path, "--save-name", "run", "--seed", "3");
        result.ExitCode.Should().Be(0, result.Error);
        using var contract = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.File("run", "adapter", "residual_prompt.json"), TestContext.Current.CancellationToken));
        var root = contract.RootElement;
        root.GetProperty("backbone").GetProperty("name").GetString().Should().Be("t5-nano");
        root.GetProperty("template").GetString().Should().Be("{text}");
        root.GetProperty("label_words").EnumerateArray().Select(label => label.GetProperty("word").GetString()).Should().Equal("negative", "positive");
        root.GetProperty("metric").GetProperty("split").GetString().Should().Be("validation");
        (root.GetProperty("task").GetString(), root.GetProperty("seed").GetInt64(), root.GetProperty("reparameterization").GetString()).Should().Be(("rotten-tomatoes", 3, "mlp"));
        var card = await File.ReadAllTextAsync(_folder.File("run", "adapter", "README.md"), TestContext.Current.CancellationToken);
        card.Should().Contain("base_model: \"t5-nano\"").And.Contain("| validation | 8 |").And.Contain("| bottleneck_size | `8` |").And.Contain("--labels negative,positive").And.Contain("PeftModel.from_pretrained");
    }

    private async Task<string> Train(params string[] more)
    {
        var model = IdData.WriteModel(_folder);
        var rows = IdData.WriteRows(_folder);
        var result = await Program.Run(["train", "--model", model, "--data", rows, "--save-dir", _folder.Path, "--save-name", "run", "--epochs", "1", .. more]);
        result.ExitCode.Should().Be(0, result.Error);
        return Path.Combine(rows, "validation.jsonl");
    }

    /// <summary>Lines about the prompt; notes on metrics, such as a label that was never predicted, are not meant.</summary>
    private static string[] Warnings(string error) => [.. error.Split('\n').Where(line => line.StartsWith("warning:", StringComparison.Ordinal))];
}

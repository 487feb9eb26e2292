using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

public sealed class ConvertTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_prompt_goes_through_every_format_without_a_model()
    {
        Write("start.npy", rows: 4);
        foreach (var (input, output, format) in new[] { ("start.npy", "a.safetensors", "safetensors"), ("a.safetensors", "new/encoder.pt", "tgis"),
            ("new/encoder.pt", "deep/adapter", "peft"), ("deep/adapter", "end.npy", "npy") })
        {
            var result = await InProcess.Run("convert", _folder.File(input), _folder.File(output), "--to", format);
            (result.ExitCode, result.Output).Should().Be((0, ""), result.Error);
            result.Error.Should().EndWith(": 4 rows of 6\n");
        }

        (await File.ReadAllBytesAsync(_folder.File("end.npy"), TestContext.Current.CancellationToken))
            .Should().Equal(await File.ReadAllBytesAsync(_folder.File("start.npy"), TestContext.Current.CancellationToken));
        using var config = JsonDocument.Parse(
            await File.ReadAllBytesAsync(_folder.File("deep", "adapter", "adapter_config.json"), TestContext.Current.CancellationToken));
        foreach (var unknown in new[] { "base_model_name_or_path", "revision", "num_layers", "num_attention_heads" })
            config.RootElement.GetProperty(unknown).ValueKind.Should().Be(JsonValueKind.Null, unknown);
        (config.RootElement.GetProperty("num_virtual_tokens").GetInt32(), config.RootElement.GetProperty("token_dim")
            .GetInt32(), config.RootElement.GetProperty("num_transformer_submodules").GetInt32()).Should().Be((4, 6, 1));
    }

    [Fact]
    public async Task What_is_known_of_the_model_goes_along()
    {
        TinyFolder.WriteModel(_folder);
        (await Program.Process.In(_folder.Path).Run("train", "--model", "model", "--data", TinyFolder.WriteRows(_folder), "--save-dir", ".",
            "--save-name", "run", "--epochs", "1")).ExitCode.Should().Be(0);
        var copied = await InProcess.Run("convert", _folder.File("run"), _folder.File("copy"), "--to", "peft");
        copied.Error.Should().NotContain("warning");
        foreach (var file in new[] { "adapter_model.safetensors", "adapter_config.json", "residual_prompt.json" })
            (await File.ReadAllBytesAsync(_folder.File("copy", file), TestContext.Current.CancellationToken))
                .Should().Equal(await File.ReadAllBytesAsync(_folder.File("run", "adapter", file), TestContext.Current.CancellationToken), file);
        (await InProcess.Run("convert", _folder.File("copy"), _folder.File("p.npy"), "--to", "npy")).Error.Should().StartWith("warning: ")
            .And.Contain("does not record the model");
    }

    [Fact]
    public async Task The_originals_prompt_is_taken_with_a_warning_and_a_runs_without()
    {
        Write("prompt.npy", rows: 4);
        (await InProcess.Run("convert", _folder.File("prompt.npy"), _folder.File("a.npy"), "--to", "npy")).Error.Should().StartWith("warning: ")
            .And.Contain("prefix_MLP None").And.Contain("not folded in");
        _folder.Write("run.json", "{}");
        (await InProcess.Run("convert", _folder.File("prompt.npy"), _folder.File("a.npy"), "--to", "npy")).Error.Should().NotContain("warning");
    }

    [Fact]
    public async Task What_cannot_be_converted_is_refused()
    {
        Write("odd.npy", rows: 5);
        using (NewDisposeScope())
            NpyFile.Write(_folder.File("nan.npy"), full(4, 6, float.NaN));
        Directory.CreateDirectory(_folder.File("folder"));
        (await Convert("odd.npy", "odd.pt", "tgis")).ShouldBeRefused("*odd.pt is not written: TGIS*even length*5 rows*");
        (await Convert("nan.npy", "out.npy", "npy")).ShouldBeRefused("*nan.npy: row 0*NaN*");
        (await Convert("odd.npy", "odd.npy", "safetensors")).ShouldBeRefused("*is the input itself*");
        (await Convert("odd.npy", "folder", "npy")).ShouldBeRefused("*folder' is a directory, expected a file*");
        (await Convert("odd.npy", "nan.npy", "peft")).ShouldBeRefused("*nan.npy' is a file, expected a directory*");
        (await Convert("odd.npy", "nan.npy/sub/x.npy", "npy")).ShouldBeRefused("*Cannot create*");
        (await Convert("nowhere", "out.npy", "npy")).ShouldBeRefused("*No prompt '*nowhere'*");
        (await Convert("folder", "out.npy", "npy")).ShouldBeRefused("*folder' is not a prompt*");
        (await Convert("odd.npy", "out.npy", "gguf")).ShouldBeRefused("*gguf*");
        File.Exists(_folder.File("odd.pt")).Should().BeFalse();
    }

    private Task<ProgramResult> Convert(string input, string output, string format) =>
        InProcess.Run("convert", _folder.File(input), _folder.File(output), "--to", format);

    private void Write(string name, int rows)
    {
        using var scope = NewDisposeScope();
        NpyFile.Write(_folder.File(name), arange(rows * 6).to_type(ScalarType.Float32).view(rows, 6) / 7);
    }
}

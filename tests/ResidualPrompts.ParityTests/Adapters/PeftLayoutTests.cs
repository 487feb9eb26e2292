using System.Text.Json.Nodes;
using ResidualPrompts.Adapters;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Adapters;

/// <summary>What is written is what PEFT 0.21 writes.</summary>
public sealed class PeftLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("prompt_tuning_1")]
    [InlineData("prompt_tuning_2")]
    [InlineData("p_tuning")]
    public void An_adapter_is_that_of_PEFT_key_for_key_with_the_rows_in_use(string adapter)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Path("t5", "peft", adapter);
        using var prompt = PromptFile.Read(golden);
        PeftAdapter.Write(_folder.Path, prompt, PeftConfig.Read(Path.Combine(golden, "adapter_config.json")));
        _folder.FileNames().Should().Equal("adapter_config.json", "adapter_model.safetensors");
        var expected = Golden.Path("t5", "peft", "prompt_tuning_1"); // one submodule, P rows
        JsonNode.DeepEquals(Json(_folder.Path), Json(expected)).Should().BeTrue();
        File.ReadAllText(_folder.File("adapter_config.json")).Should().Be(File.ReadAllText(Path.Combine(expected, "adapter_config.json")).TrimEnd());
        File.ReadAllBytes(_folder.File("adapter_model.safetensors"))
            .Length.Should().Be(File.ReadAllBytes(Path.Combine(expected, "adapter_model.safetensors")).Length);
        if (adapter == "prompt_tuning_1")
            File.ReadAllBytes(_folder.File("adapter_model.safetensors"))
                .Should().Equal(File.ReadAllBytes(Path.Combine(expected, "adapter_model.safetensors")));
    }

    [Fact]
    public void An_adapter_of_a_classifier_is_refused()
    {
        var act = () => PromptFile.Read(Golden.Path("bert", "adapter"));
        act.Should().Throw<AdapterException>().WithMessage("*task_type is SEQ_CLS, expected SEQ_2_SEQ_LM*another kind of model*");
    }

    private static JsonNode Json(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter_config.json")))!;
}

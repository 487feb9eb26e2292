using ResidualPrompts.Adapters;
using ResidualPrompts.Models.T5;
using ResidualPrompts.ParityTests.Models;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Adapters;

/// <summary>Adapters that PEFT 0.21 saved give PEFT's logits.</summary>
public sealed class PeftTests
{
    [Theory]
    [InlineData("prompt_tuning_1")]
    [InlineData("prompt_tuning_2")]
    [InlineData("p_tuning")]
    public void An_adapter_gives_the_logits_and_loss_of_PEFT(string adapter)
    {
        using var scope = NewDisposeScope();
        var expected = Golden.Tensors("t5", "peft", adapter, "expected.safetensors");
        var forward = Golden.Tensors("t5", "v10", "forward.safetensors");
        using var model = Golden.Model("v10", ComputeMode.Packed, Computing.Mixed);
        using var prompt = PromptFile.Read(Golden.Path("t5", "peft", adapter));
        TensorAssert.Equal(prompt.Forward(), expected["rows_in_use"], "rows");
        using var batch = ForwardTests.BatchOf(forward);
        var prompted = new PromptedT5(model, prompt);
        var counts = forward["labels"].ne(-100);
        TensorAssert.Close(prompted.TargetLogits(batch)[counts], expected["logits"][counts], 5e-5, "logits");
        TensorAssert.Close(prompted.Loss(batch), expected["loss"], 1e-5, "loss");
    }
}

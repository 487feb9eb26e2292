using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Models;

/// <summary>The forward pass against transformers, both versions of T5, ragged batch, with a prompt of 7 rows. Tolerances: golden/t5.</summary>
public sealed class ForwardTests
{
    private const double StateTolerance = 5e-5;
    private const double LossTolerance = 1e-5;
    private const double GradientTolerance = 2e-6;

    public static TheoryData<string, ComputeMode, Computing> Versions => [.. Golden.Ways];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Encoder_states_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var model = Golden.Model(version, mode, computing);
        var golden = Golden.Tensors("t5", version, "forward.safetensors");
        var trace = new List<Tensor>();
        var (inputs, lengths) = Inputs(model, golden);
        var final = model.Encode(inputs, lengths, null, trace);
        trace.Count.Should().Be(model.Config.EncoderLayerCount + 1);
        for (var i = 0; i < trace.Count; i++)
            Valid(trace[i], golden[$"encoder_hidden.{i}"], golden["extended_attention_mask"], $"encoder_hidden.{i}");
        Valid(final, golden["encoder_final"], golden["extended_attention_mask"], "encoder_final");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Decoder_states_and_logits_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var model = Golden.Model(version, mode, computing);
        var golden = Golden.Tensors("t5", version, "forward.safetensors");
        var (inputs, lengths) = Inputs(model, golden);
        var states = model.Encode(inputs, lengths);
        var targetInputs = model.ShiftRight(golden["labels"]);
        TensorAssert.Equal(targetInputs, golden["decoder_input_ids"]);
        var trace = new List<Tensor>();
        var final = model.DecodeStates(targetInputs, states, lengths, null, null, trace);
        var counts = golden["labels"].ne(-100);
        for (var i = 0; i < trace.Count; i++)
            Valid(trace[i], golden[$"decoder_hidden.{i}"], counts, $"decoder_hidden.{i}");
        Valid(final, golden["decoder_final"], counts, "decoder_final");
        Valid(model.Logits(final), golden["logits"], counts, "logits");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Loss_and_prompt_gradient_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var model = Golden.Model(version, mode, computing);
        var golden = Golden.Tensors("t5", version, "forward.safetensors");
        using var prompt = new PlainPrompt(golden["prompt"].requires_grad_(true));
        using var batch = BatchOf(golden);
        var loss = new PromptedT5(model, prompt).Loss(batch);
        loss.backward();
        TensorAssert.Close(loss, golden["loss"], LossTolerance, "loss");
        TensorAssert.Close(prompt.Parameters["prompt"].grad!, golden["prompt_grad"], GradientTolerance, "prompt_grad");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Without_a_prompt_loss_and_logits_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var model = Golden.Model(version, mode, computing);
        var golden = Golden.Tensors("t5", version, "forward.safetensors");
        using var batch = BatchOf(golden);
        var plain = new PromptedT5(model);
        TensorAssert.Close(plain.Loss(batch), golden["loss_no_prompt"], LossTolerance, "loss_no_prompt");
        Valid(plain.TargetLogits(batch), golden["logits_no_prompt"], golden["labels"].ne(-100), "logits_no_prompt");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Position_buckets_and_biases_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var model = Golden.Model(version, mode, computing);
        var golden = Golden.Tensors("t5", version, "forward.safetensors");
        foreach (var (stack, ofEncoder) in new[] { ("encoder", true), ("decoder", false) })
        {
            var bias = model.PositionBias(ofEncoder);
            TensorAssert.Equal(bias.Buckets(arange(-150, 151, ScalarType.Int64)), golden[$"{stack}_buckets"], $"{stack}_buckets");
            var expected = golden[$"{stack}_position_bias"]; // [1, heads, length, length]
            var length = (int)expected.shape[2];
            TensorAssert.Equal(LibTorchBias.Window(bias.Weight, bias.BucketsByDistance(length)), expected, $"{stack}_position_bias by window");
            var positions = arange(length, ScalarType.Int64);
            TensorAssert.Equal(bias.Forward(positions, positions), expected, $"{stack}_position_bias by position");
        }
    }

    internal static Batch BatchOf(Dictionary<string, Tensor> golden)
    {
        var inputs = Golden.Rows(golden["input_ids"], id => id == 0);
        var targets = Golden.Rows(golden["labels"], id => id == Batch.IgnoredId);
        return Batch.Of([.. inputs.Zip(targets, (input, target) => new EncodedExample(input, target))]);
    }

    private static (Tensor Inputs, int[] Lengths) Inputs(T5Model model, Dictionary<string, Tensor> golden)
    {
        using var batch = BatchOf(golden);
        return PromptInsertion.Prepend(golden["prompt"], model.Embed(batch.InputIds), batch.InputLengths);
    }

    private static void Valid(Tensor actual, Tensor expected, Tensor mask, string name)
    {
        var valid = mask.to_type(ScalarType.Bool);
        valid.any().item<bool>().Should().BeTrue();
        TensorAssert.Close(actual[valid], expected[valid], StateTolerance, name);
    }
}

using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

public sealed class T5ModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Frozen_weights_come_from_the_file()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(TinyT5.Version11, seed: 9);
        Save(TinyT5.Version11, weights);
        using var model = T5Model.Load(_folder.Path);
        model.Weights.Keys.Should().BeEquivalentTo(weights.Keys);
        foreach (var (name, weight) in weights)
            TensorAssert.Equal(model.Weights[name], weight, name);
        model.Weights.Values.Should().OnlyContain(weight => !weight.requires_grad);
    }

    /// <summary>Worked out by hand from the formula of transformers; 3 buckets of 7 are for keys before the query, 3 for those behind.</summary>
    [Fact]
    public void An_odd_number_of_buckets_is_rounded_down_as_in_transformers()
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version10 with { PositionBucketCount = 7 };
        Save(config, TinyT5.Weights(config));
        using var model = T5Model.Load(_folder.Path);
        long[] distances = [-25, -10, -5, -3, -2, -1, 0, 1, 4, 5, 25];
        model.PositionBias(ofEncoder: true).Buckets(tensor(distances)).data<long>().ToArray().Should().Equal(2, 2, 2, 1, 1, 1, 0, 4, 4, 5, 5);
        model.PositionBias(ofEncoder: false).Buckets(tensor(distances)).data<long>().ToArray().Should().Equal(6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0);
    }

    [Fact]
    public void Missing_unexpected_and_misshapen_weights_are_reported_together()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(TinyT5.Version10);
        weights.Remove("encoder.final_layer_norm.weight");
        weights["decoder.extra.weight"] = zeros(3);
        weights["shared.weight"] = zeros(95, 20);
        Save(TinyT5.Version10, weights);
        var act = () => T5Model.Load(_folder.Path);
        act.Should().Throw<CheckpointException>()
            .WithMessage("*encoder.final_layer_norm.weight*").WithMessage("*decoder.extra.weight*").WithMessage("*shared.weight*96, 20*95, 20*");
    }

    [Theory]
    [InlineData("encoder.embed_tokens.weight")]
    [InlineData("decoder.embed_tokens.weight")]
    [InlineData("lm_head.weight")]
    public void The_embedding_matrix_may_stand_under_an_alias(string alias)
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(TinyT5.Version10);
        var expected = weights["shared.weight"];
        weights.Remove("shared.weight");
        weights[alias] = expected;
        Save(TinyT5.Version10, weights);
        using var model = T5Model.Load(_folder.Path);
        TensorAssert.Equal(model.Weights["shared.weight"], expected);
    }

    [Fact]
    public void An_embedding_matrix_of_another_content_under_an_alias_is_an_error()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(TinyT5.Version10);
        weights["decoder.embed_tokens.weight"] = weights["shared.weight"] + 1;
        Save(TinyT5.Version10, weights);
        var act = () => T5Model.Load(_folder.Path);
        act.Should().Throw<CheckpointException>().WithMessage("*'shared.weight' and as 'decoder.embed_tokens.weight'*different*");
    }

    [Fact]
    public void A_leftover_bias_of_the_first_release_is_passed_over()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(TinyT5.Version10);
        weights["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = zeros(16, 4);
        Save(TinyT5.Version10, weights);
        using var model = T5Model.Load(_folder.Path);
        model.Config.DecoderLayerCount.Should().Be(2);
    }

    [Fact]
    public void In_place_training_of_a_mapped_model_leaves_its_file_alone()
    {
        using var scope = NewDisposeScope();
        Save(TinyT5.Version10, TinyT5.Weights(TinyT5.Version10));
        var before = File.ReadAllBytes(Path.Combine(_folder.Path, "model.safetensors"));
        using (var model = T5Model.Load(_folder.Path))
            model.Weights["shared.weight"].add_(1);
        File.ReadAllBytes(Path.Combine(_folder.Path, "model.safetensors")).Should().Equal(before);
    }

    [Fact]
    public void In_bfloat16_states_are_those_of_float32_to_its_precision()
    {
        using var scope = NewDisposeScope();
        Save(TinyT5.Version11, TinyT5.Weights(TinyT5.Version11));
        using var precise = T5Model.Load(_folder.Path);
        using var half = T5Model.Load(_folder.Path, type: ScalarType.BFloat16);
        var ids = tensor(TinyT5.RandomIds(precise.Config, 12, 1).Select(id => (long)id).ToArray()).unsqueeze(0);
        Tensor Logits(T5Model model) => model.Decode(ids, model.Encode(model.Embed(ids), [12]), [12]);
        var (expected, actual) = (Logits(precise), Logits(half));
        actual.dtype.Should().Be(ScalarType.BFloat16);
        TensorAssert.Close(actual, expected, 0.05 * expected.abs().max().item<float>());
        TensorAssert.Differ(actual, expected, 1e-4);
    }

    [Fact]
    public void Lengths_beyond_the_rows_and_rows_of_another_width_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        var tooLong = () => model.Encode(zeros(1, 4, 20), [5]);
        tooLong.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*1 to 4*");
        var empty = () => model.Encode(zeros(1, 4, 20), [0]);
        empty.Should().Throw<ArgumentOutOfRangeException>();
        var wide = () => model.Encode(zeros(1, 4, 21), [4]);
        wide.Should().Throw<ArgumentException>().WithMessage("*[1, S, 20]*[1, 4, 21]*");
    }

    [Fact]
    public void The_loss_counts_targets_over_the_whole_batch()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        var shifted = model.ShiftRight(tensor(new long[,] { { 7, 8, 1 }, { 9, 1, -100 } }));
        TensorAssert.Equal(shifted, tensor(new long[,] { { 0, 7, 8 }, { 0, 9, 1 } }));
    }

    private void Save(T5Config config, IReadOnlyDictionary<string, Tensor> weights) => ModelFolder.Write(_folder.Path, config, weights);
}

using ResidualPrompts.Models.T5;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Models.T5;

/// <summary>The config.json of the published families, some of which leave out what was added to the format later.</summary>
public sealed class PublishedConfigTests : IDisposable
{
    private const string Version10 = """
        {"architectures": ["T5WithLMHeadModel"], "d_ff": 2048, "d_kv": 64, "d_model": 512, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
         "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "n_positions": 512, "num_heads": 8, "num_layers": 6,
         "output_past": true, "pad_token_id": 0, "relative_attention_num_buckets": 32, "task_specific_params": {"summarization": {"num_beams": 4}}, "vocab_size": 32128}
        """;

    private const string Version11 = """
        {"architectures": ["T5ForConditionalGeneration"], "d_ff": 2048, "d_kv": 64, "d_model": 768, "decoder_start_token_id": 0, "dropout_rate": 0.1, "eos_token_id": 1,
         "feed_forward_proj": "gated-gelu", "initializer_factor": 1.0, "is_encoder_decoder": true, "layer_norm_epsilon": 1e-06, "model_type": "t5", "num_decoder_layers": 12,
         "num_heads": 12, "num_layers": 12, "output_past": true, "pad_token_id": 0, "relative_attention_num_buckets": 32, "tie_word_embeddings": false, "use_cache": true,
         "vocab_size": 32128}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t5-small", Version10, nameof(FeedForwardKind.Relu), true, 6)]
    [InlineData("google/t5-base-lm-adapt, google/t5-v1_1-base and google/flan-t5-base", Version11, nameof(FeedForwardKind.GatedGelu), false, 12)]
    public void Families_get_their_own_defaults(string family, string json, string feedForward, bool isTied, int layers)
    {
        _folder.Write("config.json", json);

        var config = T5Config.Load(_folder.Path);

        config.FeedForward.ToString().Should().Be(feedForward, family);
        config.TiedEmbeddings.Should().Be(isTied);
        config.EncoderLayerCount.Should().Be(layers);
        config.DecoderLayerCount.Should().Be(layers);
        config.PositionBucketCount.Should().Be(32);
        config.PositionMaxDistance.Should().Be(128);
        config.VocabularySize.Should().Be(32128);
        config.NormEpsilon.Should().Be(1e-6);
    }
}

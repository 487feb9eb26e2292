using System.Text.Json;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using static TorchSharp.torch;

namespace ResidualPrompts.Testing;

/// <summary>Writes a Hugging Face folder of a T5.</summary>
public static class ModelFolder
{
    /// <summary>The config's JSON keys and values.</summary>
    internal static Dictionary<string, object?> Json(T5Config config) => new()
    {
        ["model_type"] = config.Family.ToString().ToLowerInvariant(),
        ["vocab_size"] = config.VocabularySize,
        ["d_model"] = config.HiddenSize,
        ["d_kv"] = config.HeadSize,
        ["num_heads"] = config.HeadCount,
        ["d_ff"] = config.FeedForwardSize,
        ["num_layers"] = config.EncoderLayerCount,
        ["num_decoder_layers"] = config.DecoderLayerCount,
        ["relative_attention_num_buckets"] = config.PositionBucketCount,
        ["relative_attention_max_distance"] = config.PositionMaxDistance,
        ["layer_norm_epsilon"] = config.NormEpsilon,
        ["dropout_rate"] = config.DropoutRate,
        ["feed_forward_proj"] = config.FeedForward == FeedForwardKind.Relu ? "relu" : "gated-gelu",
        ["tie_word_embeddings"] = config.TiedEmbeddings,
    };

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>.</summary>
    internal static void Write(string folder, T5Config config, IReadOnlyDictionary<string, Tensor> weights)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(Json(config)));
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), weights);
    }
}

using System.Text.Json.Nodes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Tokenization;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// A Hugging Face folder of a T5 with random weights of a given shape: as fast and as large as a trained model, but useful only for
/// measurements. Weights have the scale of T5's initialization, and gains differ from 1, so that an error in the computation changes the loss.
/// </summary>
internal static class ShapeFolder
{
    private const string BundledTokenizer = "t5-nano";
    private const double GainDeviation = 0.1;

    /// <summary>Writes config, weights and tokenizer.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="config">The shape.</param>
    /// <param name="seed">Seed of the weights.</param>
    internal static void Write(string folder, T5Config config, long seed)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), ConfigJson(config).ToJsonString());
        WriteTokenizer(folder, config);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        SafetensorsWriter.Write(Path.Combine(folder, "model.safetensors"), T5Model.WeightShapes(config).ToDictionary(
            pair => pair.Key, pair => Random(pair.Key, pair.Value, config, generator)));
    }

    private static JsonObject ConfigJson(T5Config config) => new()
    {
        ["model_type"] = config.Family.ToString().ToLowerInvariant(),
        ["vocab_size"] = config.VocabularySize,
        ["d_model"] = config.HiddenSize,
        ["d_kv"] = config.HeadSize,
        ["num_heads"] = config.HeadCount,
        ["d_ff"] = config.FeedForwardSize,
        ["num_layers"] = config.EncoderLayerCount,
        ["num_decoder_layers"] = config.DecoderLayerCount,
        ["feed_forward_proj"] = config.FeedForward == FeedForwardKind.Relu ? "relu" : "gated-gelu",
        ["tie_word_embeddings"] = config.TiedEmbeddings,
    };

    /// <summary>Writes the bundled tokenizer, its vocabulary padded to the model's size with pieces that never occur in text.</summary>
    private static void WriteTokenizer(string folder, T5Config config)
    {
        var source = BundledModels.Locate(BundledTokenizer);
        File.Copy(Path.Combine(source, T5Tokenizer.ConfigFileName), Path.Combine(folder, T5Tokenizer.ConfigFileName));
        var target = Path.Combine(folder, T5Tokenizer.ModelFileName);
        File.Copy(Path.Combine(source, T5Tokenizer.ModelFileName), target);
        var tokenizer = T5Tokenizer.Load(source);
        var missing = config.VocabularySize - tokenizer.VocabularySize;
        using var stream = new FileStream(target, FileMode.Append);
        for (var i = 0; i < missing; i++)
            stream.Write(UnusedPiece.Bytes(i));
    }

    /// <summary>Standard deviation in Hugging Face's T5 initialization, which follows mesh-tensorflow's.</summary>
    private static Tensor Random(string name, long[] shape, T5Config config, Generator generator)
    {
        using var scope = NewDisposeScope();
        var normal = randn(shape, generator: generator);
        if (name.EndsWith("layer_norm.weight", StringComparison.Ordinal))
            normal.mul_(GainDeviation).add_(1);
        else if (name.EndsWith(".q.weight", StringComparison.Ordinal))
            normal.mul_(Math.Pow((double)config.HiddenSize * config.HeadSize, -0.5));
        else if (name != "shared.weight")
            normal.mul_(Math.Pow(shape[^1], -0.5)); // by the number of summands
        return normal.MoveToOuterDisposeScope();
    }
}

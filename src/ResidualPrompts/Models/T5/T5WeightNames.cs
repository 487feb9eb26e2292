using ResidualPrompts.Models.Weights;

namespace ResidualPrompts.Models.T5;

/// <summary>The keys and shapes of a Hugging Face T5 checkpoint, in the order in which the model uses them.</summary>
internal static class T5WeightNames
{
    internal const string Embedding = "shared.weight";
    internal const string Output = "lm_head.weight";

    private static readonly string[] EmbeddingAliases = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"];

    /// <summary>
    /// The config with the output layer that a checkpoint has: its own where it stores one, else the embedding matrix. A stored copy of the
    /// embedding matrix is none where decoder states are scaled: that is how T5 1.0 is saved with tied weights.
    /// </summary>
    internal static T5Config WithOutputLayerOf(Checkpoint checkpoint, T5Config config)
    {
        if (!checkpoint.Entries.ContainsKey(Output))
            return config.WithOutputLayer(isTied: true);
        var embedding = EmbeddingAliases.Prepend(Embedding).FirstOrDefault(checkpoint.Entries.ContainsKey);
        return config.WithOutputLayer(
            isTied: config.ScalesDecoderStates && (embedding is null || checkpoint.HaveEqualValues(embedding, Output)));
    }

    /// <summary>The weights that a checkpoint of this shape must or may hold.</summary>
    internal static WeightLayout Layout(T5Config config)
    {
        var aliases = EmbeddingAliases.ToDictionary(alias => alias, _ => Embedding);
        if (config.TiedEmbeddings)
            aliases[Output] = Embedding;
        return new WeightLayout(Shapes(config))
        {
            Aliases = aliases,
            AllowsAliasesOfOtherTypes = true,
            // Left over from T5's first release; no version of transformers reads it.
            IgnoredKeys = new HashSet<string> { "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight" },
        };
    }

    /// <summary>Every key with its shape.</summary>
    internal static IReadOnlyDictionary<string, long[]> Shapes(T5Config config)
    {
        var shapes = new Dictionary<string, long[]> { [Embedding] = [config.VocabularySize, config.HiddenSize] };
        for (var i = 0; i < config.EncoderLayerCount; i++)
        {
            AddAttention(shapes, config, $"encoder.block.{i}.layer.0", "SelfAttention", hasBias: i == 0 || config.HasBiasInEveryLayer);
            AddFeedForward(shapes, config, $"encoder.block.{i}.layer.1");
        }

        shapes["encoder.final_layer_norm.weight"] = [config.HiddenSize];
        for (var i = 0; i < config.DecoderLayerCount; i++)
        {
            AddAttention(shapes, config, $"decoder.block.{i}.layer.0", "SelfAttention", hasBias: i == 0 || config.HasBiasInEveryLayer);
            AddAttention(shapes, config, $"decoder.block.{i}.layer.1", "EncDecAttention", hasBias: false);
            AddFeedForward(shapes, config, $"decoder.block.{i}.layer.2");
        }

        shapes["decoder.final_layer_norm.weight"] = [config.HiddenSize];
        if (!config.TiedEmbeddings)
            shapes[Output] = [config.VocabularySize, config.HiddenSize];
        return shapes;
    }

    private static void AddAttention(Dictionary<string, long[]> shapes, T5Config config, string layer, string name, bool hasBias)
    {
        long inner = (long)config.HeadCount * config.HeadSize;
        shapes[$"{layer}.layer_norm.weight"] = [config.HiddenSize];
        foreach (var projection in "qkv")
            shapes[$"{layer}.{name}.{projection}.weight"] = [inner, config.HiddenSize];
        shapes[$"{layer}.{name}.o.weight"] = [config.HiddenSize, inner];
        if (hasBias)
            shapes[$"{layer}.{name}.relative_attention_bias.weight"] = [config.PositionBucketCount, config.HeadCount];
    }

    private static void AddFeedForward(Dictionary<string, long[]> shapes, T5Config config, string layer)
    {
        shapes[$"{layer}.layer_norm.weight"] = [config.HiddenSize];
        string[] inputs = config.FeedForward == FeedForwardKind.GatedGelu ? ["wi_0", "wi_1"] : ["wi"];
        foreach (var input in inputs)
            shapes[$"{layer}.DenseReluDense.{input}.weight"] = [config.FeedForwardSize, config.HiddenSize];
        shapes[$"{layer}.DenseReluDense.wo.weight"] = [config.HiddenSize, config.FeedForwardSize];
    }
}

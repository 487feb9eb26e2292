using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.Testing;

/// <summary>A very small T5 with random weights for tests that need some model, not a good one.</summary>
public static class TinyT5
{
    /// <summary>T5 1.0: relu, tied; more encoder than decoder layers, and heads × size unlike the hidden size.</summary>
    internal static T5Config Version10 { get; } = new()
    {
        VocabularySize = 96,
        HiddenSize = 20,
        HeadSize = 6,
        HeadCount = 4,
        FeedForwardSize = 28,
        EncoderLayerCount = 3,
        DecoderLayerCount = 2,
        PositionBucketCount = 16,
        PositionMaxDistance = 20,
    };

    /// <summary>T5 1.1: gated gelu, untied; more decoder than encoder layers.</summary>
    internal static T5Config Version11 { get; } = Version10 with
    {
        FeedForward = FeedForwardKind.GatedGelu,
        TiedEmbeddings = false,
        EncoderLayerCount = 1,
        DecoderLayerCount = 3,
    };

    /// <summary>umT5: a position bias in each of several layers of both stacks.</summary>
    internal static T5Config UMT5 { get; } = Version11 with { Family = T5Family.UMT5, EncoderLayerCount = 3 };

    /// <summary>The model of a version, 10 or 11.</summary>
    internal static T5Config Version(int version) => version == 10 ? Version10 : Version11;

    /// <summary>Makes the weights of a model, no gain at 1 and no bias at 0.</summary>
    internal static Dictionary<string, Tensor> Weights(T5Config config, long seed = 1)
    {
        using var generator = new Generator((ulong)seed, CPU);
        Tensor Normal(long[] shape) => randn(shape, generator: generator);
        return T5Model.WeightShapes(config).ToDictionary(
            pair => pair.Key,
            pair => pair.Key.Contains("layer_norm") ? 1 + (0.2 * Normal(pair.Value))
                : pair.Key.Contains("bias") || pair.Key == "shared.weight" ? Normal(pair.Value)
                : Normal(pair.Value) / Math.Sqrt(pair.Value[1]));
    }

    /// <summary>Makes a frozen model.</summary>
    internal static T5Model CreateFrozen(T5Config config, ComputeMode mode = ComputeMode.Packed, ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        var model = new T5Model(config, Weights(config).ToDictionary(pair => pair.Key, pair => pair.Value.to_type(type)));
        model.Freeze(mode);
        return model;
    }

    /// <summary>Makes a model.</summary>
    internal static T5Model Create(T5Config config, long seed = 1)
    {
        using var scope = NewDisposeScope();
        return new T5Model(config, Weights(config, seed));
    }

    /// <summary>Random ids in [3, vocabulary), ended by eos.</summary>
    internal static int[] RandomIds(T5Config config, int length, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length - 1).Select(_ => random.Next(3, config.VocabularySize)), config.EosId];
    }
}

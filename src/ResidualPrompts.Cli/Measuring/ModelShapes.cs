using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The published sizes of T5 1.0 (Raffel et al. 2020, table 14) and 1.1, and of the bundled model. Speed depends only on the size.</summary>
internal static class ModelShapes
{
    /// <summary>Prefix that marks a model name as a shape.</summary>
    internal const string Prefix = "shape:";

    private const int T5Vocabulary = 32128;

    private static readonly Dictionary<string, T5Config> ByName = new(StringComparer.Ordinal)
    {
        ["t5-nano"] = Version10(256, 32, 8, 1024, 4) with { DecoderLayerCount = 2, VocabularySize = 8128 },
        ["t5-small"] = Version10(512, 64, 8, 2048, 6),
        ["t5-base"] = Version10(768, 64, 12, 3072, 12),
        ["t5-large"] = Version10(1024, 64, 16, 4096, 24),
        ["t5-3b"] = Version10(1024, 128, 32, 16384, 24),
        ["t5-11b"] = Version10(1024, 128, 128, 65536, 24),
        ["t5-v1_1-small"] = Version11(512, 64, 6, 1024, 8),
        ["t5-v1_1-base"] = Version11(768, 64, 12, 2048, 12),
        ["t5-v1_1-large"] = Version11(1024, 64, 16, 2816, 24),
        ["t5-v1_1-xl"] = Version11(2048, 64, 32, 5120, 24),
        ["t5-v1_1-xxl"] = Version11(4096, 64, 64, 10240, 24),
    };

    internal static IReadOnlyCollection<string> Names => ByName.Keys;

    /// <summary>Whether a model name denotes a shape.</summary>
    internal static bool IsShape(string model) => model.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The shape for <c>shape:NAME</c> or <c>NAME</c>.</summary>
    /// <exception cref="UsageException">No shape has this name.</exception>
    internal static T5Config Find(string shape)
    {
        var name = IsShape(shape) ? shape[Prefix.Length..] : shape;
        return ByName.GetValueOrDefault(name)
            ?? throw new UsageException($"Unknown shape '{ShownText.Value(name)}', expected one of {string.Join(", ", Names)}."
                + $"{(NearestName.Of(name, Names) is { } nearest ? $" Did you mean {nearest}?" : "")}");
    }

    private static T5Config Version10(int hidden, int head, int heads, int inner, int layers) => new()
    {
        VocabularySize = T5Vocabulary,
        HiddenSize = hidden,
        HeadSize = head,
        HeadCount = heads,
        FeedForwardSize = inner,
        EncoderLayerCount = layers,
        DecoderLayerCount = layers,
    };

    private static T5Config Version11(int hidden, int head, int heads, int inner, int layers) =>
        Version10(hidden, head, heads, inner, layers) with { FeedForward = FeedForwardKind.GatedGelu, TiedEmbeddings = false };
}

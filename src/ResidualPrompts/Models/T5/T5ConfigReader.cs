using System.Globalization;
using System.Text.Json;

namespace ResidualPrompts.Models.T5;

/// <summary>Reads a <c>config.json</c> and collects all of its problems before it throws.</summary>
internal sealed class T5ConfigReader
{
    private const int LargestSize = 1 << 24;
    private readonly JsonElement _json;
    private readonly List<string> _problems = [];

    private T5ConfigReader(JsonElement json) => _json = json;

    internal static T5Config Read(JsonElement json, string path)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw T5ConfigException.Problems(path, ["expected a JSON object"]);
        var reader = new T5ConfigReader(json);
        var config = reader.Read();
        return reader._problems.Count == 0 ? config : throw T5ConfigException.Problems(path, reader._problems);
    }

    private T5Config Read()
    {
        var family = Family();
        var layers = Integer("num_layers", null, 1, 1000);
        var padId = Id("pad_token_id", 0);
        var config = new T5Config
        {
            VocabularySize = Integer("vocab_size", null, 2, LargestSize),
            HiddenSize = Integer("d_model", null, 1, LargestSize),
            HeadSize = Integer("d_kv", null, 1, LargestSize),
            HeadCount = Integer("num_heads", null, 1, LargestSize),
            FeedForwardSize = Integer("d_ff", null, 1, LargestSize),
            EncoderLayerCount = layers,
            DecoderLayerCount = Integer("num_decoder_layers", layers, 1, 1000),
            PositionBucketCount = Integer("relative_attention_num_buckets", 32, 4, LargestSize),
            PositionMaxDistance = Integer("relative_attention_max_distance", 128, 2, LargestSize),
            NormEpsilon = Fraction("layer_norm_epsilon", 1e-6),
            DropoutRate = Fraction("dropout_rate", 0.1),
            FeedForward = FeedForward(family),
            Family = family,
            TiedEmbeddings = ScalesDecoderStates(family),
            PadId = padId,
            EosId = Id("eos_token_id", 1),
            DecoderStartId = Id("decoder_start_token_id", padId),
        };
        Check(config);
        return config;
    }

    private void Check(T5Config config)
    {
        foreach (var (key, id) in new[]
        {
            ("pad_token_id", config.PadId), ("eos_token_id", config.EosId), ("decoder_start_token_id", config.DecoderStartId)
        })
        {
            if (config.VocabularySize > 0 && id >= config.VocabularySize)
                _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{key} is {id}, expected less than vocab_size {config.VocabularySize}"));
        }

        // A decoder has half of its buckets for exact distances, an encoder half of those of each direction, rounded down.
        if (config.PositionMaxDistance <= config.PositionBucketCount / 2)
            _problems.Add(
                $"relative_attention_max_distance is {config.PositionMaxDistance}, "
                + $"expected more than half of the {config.PositionBucketCount} buckets");
    }

    private T5Family Family()
    {
        if (Find("model_type") is not { } value)
            return T5Family.T5;
        switch (value.ValueKind == JsonValueKind.String ? value.GetString() : null)
        {
            case "t5":
                return T5Family.T5;
            case "mt5":
                return T5Family.MT5;
            case "umt5":
                return T5Family.UMT5;
            default:
                _problems.Add($"model_type is {Shown(value)}, expected \"t5\", \"mt5\" or \"umt5\"");
                return T5Family.T5;
        }
    }

    /// <summary>
    /// T5 1.1 and its successors do not scale. Until transformers 5 a config said so only by untied embeddings; since then it says it by a key of
    /// its own, with the embeddings tied in every T5.
    /// </summary>
    private bool ScalesDecoderStates(T5Family family)
    {
        var isTied = Boolean("tie_word_embeddings", true);
        var scales = Boolean("scale_decoder_outputs", isTied);
        return family == T5Family.T5 && scales;
    }

    private FeedForwardKind FeedForward(T5Family family)
    {
        if (Find("feed_forward_proj") is not { } value)
            return family == T5Family.T5 ? FeedForwardKind.Relu : FeedForwardKind.GatedGelu;
        var name = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        if (name is not ("relu" or "gated-gelu"))
            _problems.Add($"feed_forward_proj is {value.GetRawText()}, expected \"relu\" or \"gated-gelu\"");
        return name == "gated-gelu" ? FeedForwardKind.GatedGelu : FeedForwardKind.Relu;
    }

    private int Integer(string key, int? fallback, int least, int most)
    {
        if (Find(key) is not { } value)
        {
            if (fallback is null)
                _problems.Add($"{key} is missing");
            return fallback ?? 0;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
            return number;
        _problems.Add($"{key} is {Shown(value)}, expected a whole number from {least} to {most}");
        return fallback ?? 0;
    }

    /// <summary>A token id. Newer configs may hold a list; one id in it is that id, and more than one has no place in a T5.</summary>
    private int Id(string key, int fallback)
    {
        if (Find(key) is not { } value)
            return fallback;
        var one = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0] : value;
        if (one.ValueKind == JsonValueKind.Number && one.TryGetInt32(out var id) && id is >= 0 and <= LargestSize)
            return id;
        _problems.Add($"{key} is {Shown(value)}, expected one id: a whole number from 0 to {LargestSize}, or a list of one");
        return fallback;
    }

    private double Fraction(string key, double fallback)
    {
        if (Find(key) is not { } value)
            return fallback;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number is >= 0 and < 1)
            return number;
        _problems.Add($"{key} is {Shown(value)}, expected a number from 0 to below 1");
        return fallback;
    }

    private bool Boolean(string key, bool fallback)
    {
        if (Find(key) is not { } value)
            return fallback;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        _problems.Add($"{key} is {Shown(value)}, expected true or false");
        return fallback;
    }

    /// <summary>A key that is null counts as absent, as in transformers.</summary>
    private JsonElement? Find(string key) =>
        _json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Shown(JsonElement value)
    {
        var text = value.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}

using System.Text.Json;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// The shape of a T5, as in Hugging Face's <c>config.json</c>. Property names are the field's standard terms; each summary gives the JSON key.
/// </summary>
internal sealed record T5Config
{
    private readonly bool? _scalesDecoderStates;

    /// <summary>Rows of the embedding matrix, V (<c>vocab_size</c>); padding may make it larger than the number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Hidden size H (<c>d_model</c>).</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of one attention head (<c>d_kv</c>); heads × width need not equal H.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Attention heads (<c>num_heads</c>).</summary>
    public required int HeadCount { get; init; }

    /// <summary>Inner width of the feed-forward layer (<c>d_ff</c>).</summary>
    public required int FeedForwardSize { get; init; }

    /// <summary>Encoder blocks (<c>num_layers</c>).</summary>
    public required int EncoderLayerCount { get; init; }

    /// <summary>Decoder blocks (<c>num_decoder_layers</c>; default: as many as the encoder).</summary>
    public required int DecoderLayerCount { get; init; }

    /// <summary>Buckets of the relative position bias (<c>relative_attention_num_buckets</c>).</summary>
    public int PositionBucketCount { get; init; } = 32;

    /// <summary>Distance from which all positions share one bucket (<c>relative_attention_max_distance</c>).</summary>
    public int PositionMaxDistance { get; init; } = 128;

    /// <summary>Added to the mean square in every RMS norm (<c>layer_norm_epsilon</c>).</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Dropout rate of training, a fraction (<c>dropout_rate</c>). Nothing is dropped unless the caller passes a dropout.</summary>
    public double DropoutRate { get; init; } = 0.1;

    /// <summary>The feed-forward layer (<c>feed_forward_proj</c>: <c>relu</c> or <c>gated-gelu</c>).</summary>
    public FeedForwardKind FeedForward { get; init; } = FeedForwardKind.Relu;

    /// <summary>The architecture (<c>model_type</c>).</summary>
    public T5Family Family { get; init; } = T5Family.T5;

    /// <summary>
    /// Whether the output layer is the embedding matrix. A checkpoint decides it (<see cref="WithOutputLayer"/>): the output layer is its
    /// <c>lm_head.weight</c> where it has one. Until one is opened, models that scale decoder states count as tied, and all others as not.
    /// </summary>
    public bool TiedEmbeddings { get; init; } = true;

    /// <summary>
    /// Whether decoder states are scaled by H^-0.5 before the output layer (<c>scale_decoder_outputs</c>, else <c>tie_word_embeddings</c>);
    /// default: where embeddings are tied.
    /// </summary>
    public bool ScalesDecoderStates
    {
        get => _scalesDecoderStates ?? TiedEmbeddings;
        init => _scalesDecoderStates = value;
    }

    /// <summary>The factor of decoder states where they are scaled.</summary>
    public double DecoderStateScale => Math.Pow(HiddenSize, -0.5);

    /// <summary>Whether every layer of self-attention has a position bias of its own; otherwise the first layer's serves all of its stack.</summary>
    public bool HasBiasInEveryLayer => Family == T5Family.UMT5;

    /// <summary>Padding id (<c>pad_token_id</c>).</summary>
    public int PadId { get; init; }

    /// <summary>Id that ends inputs and targets (<c>eos_token_id</c>).</summary>
    public int EosId { get; init; } = 1;

    /// <summary>Id with which the decoder starts (<c>decoder_start_token_id</c>; default: the padding id).</summary>
    public int DecoderStartId { get; init; }

    /// <summary>The same model with the output layer that a checkpoint has; decoder states are scaled as before.</summary>
    /// <param name="isTied">Whether it is the embedding matrix.</param>
    internal T5Config WithOutputLayer(bool isTied) =>
        isTied == TiedEmbeddings ? this : this with { TiedEmbeddings = isTied, ScalesDecoderStates = ScalesDecoderStates };

    /// <summary>Reads <c>config.json</c> of a Hugging Face folder.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <exception cref="T5ConfigException">The file is missing or broken; the message names all problems at once.</exception>
    public static T5Config Load(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        if (!File.Exists(path))
            throw T5ConfigException.Missing(folder);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return T5ConfigReader.Read(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // InvalidOperationException: a string that is not valid Unicode (invalid UTF-8, half a surrogate pair) fails only when it is read.
            throw T5ConfigException.Unreadable(path, e);
        }
    }
}

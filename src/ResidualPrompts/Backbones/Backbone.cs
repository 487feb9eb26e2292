using System.Globalization;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Tokenization;
using static TorchSharp.torch;

namespace ResidualPrompts.Backbones;

/// <summary>A pretrained T5 from a Hugging Face folder, with its tokenizer.</summary>
public sealed class Backbone : IDisposable
{
    /// <summary>Maximum rows of an embedding matrix beyond the tokenizer's ids; real models round up to a multiple of 128.</summary>
    private const int MaxUnusedRows = 512;
    private readonly T5Tokenizer? _tokenizer;
    private double? _embeddingDeviation;

    private Backbone(string folder, T5Model model, T5Tokenizer? tokenizer) => (Folder, Model, _tokenizer) = (folder, model, tokenizer);

    /// <summary>The folder that it was loaded from.</summary>
    public string Folder { get; }

    /// <summary>The model.</summary>
    internal T5Model Model { get; }

    /// <summary>Its identity, once it was asked for.</summary>
    internal BackboneIdentity? Identity { get; set; }

    /// <summary>
    /// Standard deviation of all values of the embedding matrix, unused rows included, to six digits. Adam moves a value of a prompt by about the
    /// learning rate in a step, so a rate is large or small beside this number.
    /// </summary>
    internal double EmbeddingDeviation => _embeddingDeviation ??= Deviation(Model.Weights["shared.weight"]); // [V, H]

    /// <summary>Whether the folder holds a tokenizer. Without one, only token ids can be scored.</summary>
    public bool HasTokenizer => _tokenizer is not null;

    /// <summary>The tokenizer.</summary>
    /// <exception cref="BackboneException">The folder holds no tokenizer.</exception>
    public T5Tokenizer Tokenizer => _tokenizer ?? throw BackboneException.NoTokenizer(Folder);

    /// <summary>Loads model and tokenizer and checks that they belong together.</summary>
    /// <param name="folder">A Hugging Face folder; <c>ModelCatalog</c> finds it by name.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="trainable">Whether the weights will be trained. Otherwise the model is frozen and its weights are prepared for speed.</param>
    /// <exception cref="InputException">A file is missing or broken, or model and tokenizer do not fit together; the message says which.</exception>
    /// <exception cref="InvalidOperationException">Int8 was requested for a model that trains or is not prepared.</exception>
    /// <exception cref="PlatformNotSupportedException">Int8 was requested, but this processor has no kernel for it.</exception>
    public static Backbone Load(string folder, BackboneOptions? options = null, bool trainable = false)
    {
        var tokenizer = T5Tokenizer.ExistsIn(folder) ? T5Tokenizer.Load(folder) : null;
        if (tokenizer is not null)
        {
            var rows = T5Config.Load(folder).VocabularySize;
            if (tokenizer.AddedTokenFrom(rows) is var (token, id))
                throw BackboneException.AddedTokenWithoutRow(folder, token, id, rows);
            if (rows < tokenizer.VocabularySize || rows > tokenizer.VocabularySize + MaxUnusedRows)
                throw BackboneException.TokenizerDoesNotFit(folder, tokenizer.VocabularySize, rows);
        }

        options ??= BackboneOptions.Default;
        var model = trainable ? T5Model.Load(folder, options.Computation) : T5Model.LoadFrozen(folder, options.Computation, options.PreparedCache);
        return new Backbone(folder, model, tokenizer);
    }

    /// <summary>Says what is wrong with token ids for this model; null when nothing is.</summary>
    /// <param name="ids">Token ids.</param>
    public string? Problem(ReadOnlySpan<int> ids)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] < 0 || ids[i] >= Model.Config.VocabularySize)
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"token id {ids[i]} at position {i} is outside the model's vocabulary, 0 to {Model.Config.VocabularySize - 1}");
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static double Deviation(Tensor matrix)
    {
        const int Digits = 6;
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var value = matrix.to_type(ScalarType.Float32).std(unbiased: false).item<float>();
        return double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Models.Weights;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>A T5 in a Hugging Face folder: written for transformers, and identified by a digest.</summary>
internal static class T5Folder
{
    private static readonly string[] CompanionFiles =
        ["spiece.model", "tokenizer.json", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json", "generation_config.json"];

    private static readonly string[] TypeKeys = ["torch_dtype", "dtype"];

    /// <summary>
    /// Writes the config, the weights (tied ones once) and the tokenizer's files, so that transformers 4 and 5 compute the same with them. Version 4
    /// scales decoder states, and ignores a stored output layer, where embeddings are tied. So a model is either scaled and tied, or neither.
    /// </summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="source">The folder that the model was loaded from.</param>
    internal static void Write(string folder, T5Model model, string source)
    {
        foreach (var file in CompanionFiles.Where(file => File.Exists(Path.Combine(source, file))))
            AtomicFile.Write(Path.Combine(folder, file), stream => stream.Write(PlainFile.Read(Path.Combine(source, file), PlainFile.LongestRecord)));
        using (no_grad())
            SafetensorsWriter.Write(Path.Combine(folder, Checkpoint.FileName), SavedWeights(model));
        var config = JsonFile.Node(PlainFile.Read(Path.Combine(source, "config.json"), PlainFile.LongestJson), default)!.AsObject();
        foreach (var key in TypeKeys.Where(config.ContainsKey))
            config[key] = "float32"; // the weights' type now
        SetScaling(config, model.Config is { ScalesDecoderStates: true, TiedEmbeddings: true });
        AtomicFile.Write(Path.Combine(folder, "config.json"), stream =>
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(config, JsonFormats.Indented)));
    }

    /// <summary>The bytes of the weights and the tokenizer's files that <see cref="Write"/> writes, by name; the config is not among them.</summary>
    internal static IEnumerable<KeyValuePair<string, long>> Sizes(T5Model model, string source) =>
        CompanionFiles.Select(file => KeyValuePair.Create(file, new FileInfo(Path.Combine(source, file))))
            .Where(file => file.Value.Exists).Select(file => KeyValuePair.Create(file.Key, LengthOf(file.Value)))
            .Append(KeyValuePair.Create(Checkpoint.FileName, SafetensorsWriter.SizeOf(SavedWeights(model))));

    /// <summary>The length of a file, or of the file that a link of the hub's cache stands for.</summary>
    private static long LengthOf(FileInfo file) => (file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file).Length;

    private static Dictionary<string, TensorSource> SavedWeights(T5Model model) => WithSavedOutputLayer(model.Weights.ToDictionary(
        pair => pair.Key, pair => new TensorSource(pair.Value.dtype, pair.Value.shape, () => pair.Value)), model.Config);

    /// <summary>
    /// The digest of a folder's weights in lower-case hex (docs/formats.md). It is the same for every form of one model; tied weights count once.
    /// The digest of a large model is cached by its files' sizes and times.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InputException">The folder holds no valid T5.</exception>
    internal static string WeightsDigest(string folder) => FileDigests.Remembered(
        "bf16 weights and output layer", Checkpoint.FilesIn(folder).Order(StringComparer.Ordinal).Append(Path.Combine(folder, "config.json")), () =>
    {
        using var scope = NewDisposeScope();
        using var checkpoint = Checkpoint.Open(folder);
        var config = T5WeightNames.WithOutputLayerOf(checkpoint, T5Config.Load(folder));
        var stored = T5WeightNames.Layout(config).Resolve(checkpoint);
        var digest = WeightDigest.Of(WithSavedOutputLayer(stored.ToDictionary(pair => pair.Key, pair => checkpoint.SourceOf(pair.Value)), config));
        checkpoint.CheckUnchanged();
        return digest;
    });

    /// <summary>
    /// The weights in the form that they are saved and identified in: with an output layer unless decoder states are scaled and the embedding
    /// matrix is the output layer. The factor of scaled states becomes part of an output layer of its own.
    /// </summary>
    private static Dictionary<string, TensorSource> WithSavedOutputLayer(Dictionary<string, TensorSource> weights, T5Config config)
    {
        if (config.ScalesDecoderStates != config.TiedEmbeddings)
            weights[T5WeightNames.Output] = config.ScalesDecoderStates
                ? Scaled(weights[T5WeightNames.Output], config.DecoderStateScale)
                : weights[T5WeightNames.Embedding];
        return weights;
    }

    private static TensorSource Scaled(TensorSource weight, double scale) => new(ScalarType.Float32, weight.Shape, () =>
    {
        using var scope = NewDisposeScope();
        return (weight.Make().to_type(ScalarType.Float32) * scale).MoveToOuterDisposeScope();
    });

    /// <summary>Says in the keys of both versions whether decoder states are scaled.</summary>
    private static void SetScaling(JsonObject config, bool scales)
    {
        const string Tied = "tie_word_embeddings", Scales = "scale_decoder_outputs";
        if (!scales || config.ContainsKey(Tied))
            config[Tied] = scales;
        if (config.ContainsKey(Scales))
            config[Scales] = scales;
    }
}

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

    /// <summary>Writes the config, the weights (tied ones once) and the tokenizer's files.</summary>
    /// <param name="folder">An existing folder.</param>
    /// <param name="model">The model.</param>
    /// <param name="source">The folder that the model was loaded from.</param>
    internal static void Write(string folder, T5Model model, string source)
    {
        foreach (var file in CompanionFiles.Where(file => File.Exists(Path.Combine(source, file))))
            AtomicFile.Write(Path.Combine(folder, file), stream => stream.Write(File.ReadAllBytes(Path.Combine(source, file))));
        SafetensorsWriter.Write(Path.Combine(folder, Checkpoint.FileName), model.Weights);
        var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(source, "config.json")))!.AsObject();
        foreach (var key in TypeKeys.Where(config.ContainsKey))
            config[key] = "float32"; // the weights' type now
        AtomicFile.Write(Path.Combine(folder, "config.json"), stream =>
            stream.Write(JsonSerializer.SerializeToUtf8Bytes(config, JsonFormats.Indented)));
    }

    /// <summary>
    /// The digest of a folder's weights in lower-case hex (docs/formats.md). It is the same for every form of one model; tied weights count once.
    /// The digest of a large model is cached by its files' sizes and times.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InputException">The folder holds no valid T5.</exception>
    internal static string WeightsDigest(string folder) => FileDigests.Remembered(
        "bf16 weights", Checkpoint.FilesIn(folder).Order(StringComparer.Ordinal).Append(Path.Combine(folder, "config.json")), () =>
    {
        using var scope = NewDisposeScope();
        using var checkpoint = Checkpoint.Open(folder);
        var layout = T5WeightNames.Layout(T5Config.Load(folder));
        return WeightDigest.Of(layout.Resolve(checkpoint).ToDictionary(pair => pair.Key, pair => checkpoint.Read(pair.Value, floatingType: null)));
    });
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Models.Weights;

namespace ResidualPrompts.Models.T5;

/// <summary>Writes a T5 as a Hugging Face folder that transformers loads.</summary>
internal static class T5Folder
{
    private static readonly string[] CompanionFiles =
        ["spiece.model", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "generation_config.json"];

    private static readonly string[] TypeKeys = ["torch_dtype", "dtype"];

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Writes config, weights (tied ones once) and the tokenizer's files.</summary>
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
            config[key] = "float32"; // what the weights are now
        AtomicFile.Write(Path.Combine(folder, "config.json"), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(config, Indented)));
    }
}

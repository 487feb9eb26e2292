using System.Globalization;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Hub;
using ResidualPrompts.Inspection;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>What <c>inspect</c> prints about a model without a prompt: its size, its digests and the scale of its embeddings.</summary>
internal static class ModelReport
{
    /// <summary>Whether a name or path means a model, and not a run or a prompt.</summary>
    internal static bool IsModel(string nameOrFolder) =>
        BundledModels.Names.Contains(nameOrFolder)
        || (ModelCatalog.IsOnHub(nameOrFolder) && NearestPath.Of(nameOrFolder) is null) // else a misspelt run, such as runs/frist
        || (Directory.Exists(nameOrFolder) && !RunDirectory.Is(nameOrFolder) && File.Exists(Path.Combine(nameOrFolder, ModelFiles.Config))
            && !File.Exists(Path.Combine(nameOrFolder, PeftConfig.FileName)));

    internal static void Print(string name, string folder, bool asJson)
    {
        LibTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var backbone = Backbone.Load(folder, trainable: true); // the weights as they are, not as they are prepared for speed
        using var vocabulary = new VocabularyView(backbone);
        var identity = BackboneIdentity.Of(backbone, name);
        var parameters = backbone.Model.Weights.Values.Sum(weight => weight.numel());
        if (asJson)
            PrintJson(backbone, identity, vocabulary.Lengths, parameters);
        else
            PrintText(backbone, identity, vocabulary.Lengths, parameters);
    }

    private static void PrintText(Backbone backbone, BackboneIdentity identity, VocabularyLengths vocabulary, long parameters)
    {
        var config = backbone.Model.Config;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{identity.Name}: {parameters:N0} parameters, {config.EncoderLayerCount} encoder and {config.DecoderLayerCount} decoder layers, "
                + $"hidden size {config.HiddenSize}, {config.HeadCount} heads of {config.HeadSize}, feed-forward {config.FeedForwardSize}"));
        InspectionReport.PrintVocabulary(vocabulary);
        Console.WriteLine($"weights: {identity.WeightsDigest}");
        Console.WriteLine($"tokenizer: {identity.TokenizerDigest ?? "none"}");
    }

    private static void PrintJson(Backbone backbone, BackboneIdentity identity, VocabularyLengths vocabulary, long parameters) =>
        JsonLineWriter.Run(writer => writer.Write(json =>
        {
            var config = backbone.Model.Config;
            json.WriteStartObject("model");
            json.WriteString("name", identity.Name);
            json.WriteString("revision", identity.Revision);
            json.WriteNumber("parameter_count", parameters);
            json.WriteNumber("encoder_layer_count", config.EncoderLayerCount);
            json.WriteNumber("decoder_layer_count", config.DecoderLayerCount);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("head_count", config.HeadCount);
            json.WriteNumber("head_size", config.HeadSize);
            json.WriteNumber("feed_forward_size", config.FeedForwardSize);
            json.WriteString("weights_digest", identity.WeightsDigest);
            json.WriteString("tokenizer_digest", identity.TokenizerDigest);
            json.WriteEndObject();
            InspectionReport.WriteVocabulary(json, vocabulary);
        }));
}

using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;
using static TorchSharp.torch;

namespace ResidualPrompts.Testing;

/// <summary>
/// A folder with a tiny T5 that has a real tokenizer, and a folder of prompts for it: <c>reviews</c>, <c>subjects</c> (without a contract) and
/// <c>others</c>.
/// </summary>
public sealed class TinyPrompts : IDisposable
{
    /// <summary>The label words of <c>reviews</c> and <c>others</c>.</summary>
    public static IReadOnlyList<string> Reviews { get; } = ["negative", "positive"];

    private readonly TemporaryFolder _folder = new();

    public TinyPrompts()
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version10 with { VocabularySize = 8128 };
        Directory.CreateDirectory(Model);
        Directory.CreateDirectory(Prompts);
        ModelFolder.Write(Model, config, TinyT5.Weights(config, 3));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "assets", "models", "t5-nano", "spiece.model"), Path.Combine(Model, "spiece.model"));
        AddPrompt("reviews", 5, 1, "review: {text}", LabelWords.Of(("0", "negative"), ("1", "positive")));
        AddPrompt("others", 2, 2, "{title} {text}", LabelWords.Of(("0", "negative"), ("1", "positive")));
        AddPrompt("subjects", 3, 3);
    }

    public string Model => _folder.File("model");

    public string Prompts => _folder.File("prompts");

    public string Root => _folder.Path;

    /// <summary>Adds or replaces an adapter directory; the same seed gives the same rows.</summary>
    public void AddPrompt(string name, int length, int seed, string? template = null, LabelWords? labels = null)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        using var prompt = new PlainPrompt(randn([length, TinyT5.Version10.HiddenSize], generator: generator));
        using var backbone = ModelCatalog.Load(Model);
        var directory = Directory.CreateDirectory(Path.Combine(Prompts, name)).FullName;
        PeftAdapter.Write(directory, prompt, contract: template is null ? null : new PromptContract
        {
            Backbone = BackboneIdentity.Of(backbone, "tiny"),
            VirtualTokenCount = length,
            Template = template,
            LabelWords = labels,
        });
    }

    /// <summary>What a prompt gives to one text, computed alone.</summary>
    public double[] Offline(string? prompt, string text, IReadOnlyList<string> labels)
    {
        using var backbone = ModelCatalog.Load(Model);
        using var rows = prompt is null ? null : PromptFile.Read(Path.Combine(Prompts, prompt));
        using var batch = Batching.Batch.Of([new Batching.EncodedExample(backbone.Tokenizer.Encode(text))]);
        return new PromptedT5(backbone.Model, rows).ScoreLabels(batch, [.. labels.Select(label => backbone.Tokenizer.Encode(label))])[0];
    }

    public void Dispose() => _folder.Dispose();
}

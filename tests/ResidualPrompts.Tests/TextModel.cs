using ResidualPrompts.Data;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests;

/// <summary>A tiny T5 with a real tokenizer, a task of its own, and rows of it: whatever needs text and no good model.</summary>
public sealed class TextModel : IDisposable
{
    private static readonly string Tokenizer = Path.Combine(AppContext.BaseDirectory, "TestData", "t5-nano", "spiece.model");
    private readonly TemporaryFolder _folder = new();

    public TextModel()
    {
        Folder = Write("model", seed: 1);
        Other = Write("other", seed: 2);
    }

    /// <summary>A Hugging Face folder.</summary>
    public string Folder { get; }

    /// <summary>One of another model of the same sizes.</summary>
    public string Other { get; }

    /// <summary>What a template and label words say.</summary>
    public TaskDefinition Task { get; } = new()
    {
        Name = "films",
        Template = Template.Parse("film: {text}"),
        Labels = LabelWords.Parse("0=bad,1=good"),
        Metrics = ["accuracy", "f1_macro"]
    };

    /// <summary>Quick settings of a run that writes nothing.</summary>
    public RunSpec Spec => new() { Model = Folder, PromptLength = 3, Epochs = 2, BatchSize = 4, MaxInputLength = 24 };

    /// <summary>Labelled rows.</summary>
    public static Example[] Rows(int count, int from = 0) =>
        [.. Enumerable.Range(from, count)
            .Select(i => Example.Of(new Dictionary<string, string> { ["text"] =
            $"{(i % 2 == 0 ? "dull" : "moving")} number {i}{string.Concat(Enumerable.Repeat(" and so on", i % 4))}", ["label"] = $"{i % 2}" }))];

    public void Dispose() => _folder.Dispose();

    private string Write(string name, long seed)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        File.Copy(Tokenizer, Path.Combine(folder, "spiece.model"));
        var config = TinyT5.Version10 with { VocabularySize = T5Tokenizer.Load(folder).VocabularySize };
        using var scope = TorchSharp.torch.NewDisposeScope();
        ModelFolder.Write(folder, config, TinyT5.Weights(config, seed));
        return folder;
    }
}

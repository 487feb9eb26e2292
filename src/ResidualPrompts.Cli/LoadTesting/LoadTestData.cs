using System.Globalization;
using ResidualPrompts.Adapters;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server;
using ResidualPrompts.Tokenization;
using TorchSharp;

namespace ResidualPrompts.Cli.LoadTesting;

/// <summary>Random prompts of different lengths, texts of equal length, and the expected answer for each pair.</summary>
internal sealed class LoadTestData
{
    internal const int PromptCount = 8;
    internal const int TextTokens = 40;
    internal static readonly string[] Labels = ["negative", "positive"];
    private const int TextCount = 32;
    private readonly PlainPrompt[] _prompts;
    private readonly string[] _texts;
    private readonly double[][][] _expected; // [prompt][text][label]

    private LoadTestData(PlainPrompt[] prompts, string[] texts, double[][][] expected) => (_prompts, _texts, _expected) = (prompts, texts, expected);

    internal static LoadTestData Make(string modelName)
    {
        using var scope = torch.NewDisposeScope();
        using var model = ServedModel.Load(modelName);
        var backbone = model.Backbone;
        using var generator = new torch.Generator(1, torch.CPU);
        // [V, H]
        var vocabulary = backbone.Model.Embed(torch.arange(backbone.Tokenizer.PieceCount).unsqueeze(0))[0].to_type(torch.ScalarType.Float32);
        PlainPrompt[] prompts = [.. Enumerable.Range(0, PromptCount).Select(i =>
            new PlainPrompt(
                vocabulary.index_select(0,
                    torch.randint(3, backbone.Tokenizer.PieceCount, [5 + i], dtype: torch.ScalarType.Int64, generator: generator)).clone()))];
        var texts = Texts(backbone.Tokenizer);
        var labels = LabelSet.Of(backbone.Tokenizer, Labels);
        var scorer = new PromptScorer(backbone.Model);
        double[][][] expected = [.. prompts.Select(prompt =>
            texts.Select(text => scorer.Score([new PromptedInput(backbone.Tokenizer.Encode(text), prompt)], [labels])[0].Scores!).ToArray())];
        return new LoadTestData(prompts, texts, expected);
    }

    /// <summary>The prompt and text of a request by its number; numbers cycle through all pairs.</summary>
    internal (string Prompt, string Text, double[] Expected) Question(int number)
    {
        var (prompt, text) = (number % PromptCount, number / PromptCount % TextCount);
        return (NameOf(prompt), _texts[text], _expected[prompt][text]);
    }

    /// <summary>Writes the prompts into a temporary directory, which is deleted on disposal.</summary>
    internal PromptFolder WritePrompts()
    {
        var folder = new PromptFolder(Directory.CreateTempSubdirectory("residual-prompts-load-").FullName);
        for (var i = 0; i < PromptCount; i++)
            PeftAdapter.Write(Directory.CreateDirectory(Path.Combine(folder.Path, NameOf(i))).FullName, _prompts[i]);
        return folder;
    }

    private static string NameOf(int prompt) => string.Create(CultureInfo.InvariantCulture, $"prompt-{prompt}");

    /// <summary>Random words with the given number of tokens.</summary>
    private static string[] Texts(T5Tokenizer tokenizer)
    {
        var random = new Random(1);
        var texts = new List<string>();
        while (texts.Count < TextCount)
        {
            var text = "";
            var length = 1;
            while (length < TextTokens)
            {
                var piece = tokenizer.PieceOf(random.Next(3, tokenizer.PieceCount)).Replace("\u2581", "", StringComparison.Ordinal);
                var longer = $"{text} {piece}".Trim();
                if (tokenizer.Encode(longer).Length is var tokens && tokens <= TextTokens)
                    (text, length) = (longer, tokens);
            }

            texts.Add(text);
        }

        return [.. texts];
    }

    /// <summary>A directory that is deleted on disposal.</summary>
    internal sealed class PromptFolder(string path) : IDisposable
    {
        internal string Path => path;

        public void Dispose() => Directory.Delete(path, recursive: true);
    }
}

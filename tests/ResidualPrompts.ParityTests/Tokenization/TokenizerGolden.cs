using System.Text.Json;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

/// <summary>Reference values of the tokenizers; Golden/tokenizers/README.md says where they came from.</summary>
internal static class TokenizerGolden
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden", "tokenizers");
    private static readonly Lazy<T5Tokenizer> T5 = new(() => T5Tokenizer.Load(FileOf("t5")));
    private static readonly Lazy<T5Tokenizer> Nano = new(() => T5Tokenizer.Load(FileOf("nano")));

    public static string FileOf(string name) => Path.Combine(Folder, name);

    public static T5Tokenizer Tokenizer(string name) => name switch
    {
        "t5" => T5.Value,
        "nano" => Nano.Value,
        _ => throw new ArgumentException($"There is no tokenizer '{name}' here."),
    };

    /// <summary>The objects of a .jsonl file, one a line.</summary>
    public static IEnumerable<JsonElement> Lines(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            if (line.Length == 0)
                continue;
            using var document = JsonDocument.Parse(line);
            yield return document.RootElement.Clone();
        }
    }

    /// <summary>The kind of a line; lines of real data, which name their file too, are one kind.</summary>
    public static string KindOf(JsonElement line)
    {
        var kind = line.GetProperty("kind").GetString()!;
        var firstWord = kind.Split(' ')[0];
        return firstWord is "real" or "reference" ? firstWord : kind;
    }

    /// <summary>How many lines each kind has, in order of appearance.</summary>
    public static IEnumerable<(string Kind, int Count)> Kinds(string file) => Lines(FileOf(file)).CountBy(KindOf).Select(k => (k.Key, k.Value));

    public static int[] Ids(JsonElement line) => [.. line.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

/// <summary>The ids of a whole column of a data file, as three numbers that the reference values give too.</summary>
/// <param name="Lines">Texts.</param>
/// <param name="Tokens">Ids of all texts.</param>
/// <param name="Sha256">Of the ids in decimal, joined by commas, the texts joined by line feeds.</param>
internal sealed record CorpusDigest(int Lines, long Tokens, string Sha256)
{
    private const string DataFolderPrefix = "shared/data/";

    /// <summary>Compares every digest of a digest file that our tokenizers can make with the data of a folder.</summary>
    /// <returns>How many were compared, and a description of each that differs.</returns>
    public static (int Compared, List<string> Differences) CompareAll(string dataFolder, string digestFile)
    {
        var compared = 0;
        var differences = new List<string>();
        foreach (var line in TokenizerGolden.Lines(digestFile))
        {
            var tokenizer = line.GetProperty("tokenizer").GetString()!;
            if (tokenizer == "bert")
                continue;
            var (file, field) = (line.GetProperty("file").GetString()!, line.GetProperty("field").GetString()!);
            var expected = new CorpusDigest(
                line.GetProperty("lines").GetInt32(), line.GetProperty("tokens").GetInt64(), line.GetProperty("sha256").GetString()!);
            var path = Path.Combine(dataFolder, file[DataFolderPrefix.Length..]);
            var actual = Of(TokenizerGolden.Tokenizer(tokenizer), TokenizerGolden.Lines(path).SelectMany(row => Pick(row, field.Split('.'))));
            if (actual != expected)
                differences.Add($"{tokenizer}, {file}, {field}: expected {expected}, found {actual}");
            compared++;
        }

        return (compared, differences);
    }

    private static CorpusDigest Of(T5Tokenizer tokenizer, IEnumerable<string> texts)
    {
        var lines = texts.Select(text => tokenizer.Encode(text)).ToList();
        var serialized = string.Join('\n', lines.Select(ids => string.Join(',', ids)));
        return new CorpusDigest(lines.Count, lines.Sum(ids => ids.Length),
            Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(serialized))));
    }

    /// <summary>The values of a path such as <c>passage.questions[].question</c>, in document order.</summary>
    private static IEnumerable<string> Pick(JsonElement node, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            return [node.GetString()!];
        var rest = path[1..].ToArray();
        return path[0].EndsWith("[]", StringComparison.Ordinal)
            ? node.GetProperty(path[0][..^2]).EnumerateArray().SelectMany(item => Pick(item, rest))
            : Pick(node.GetProperty(path[0]), rest);
    }
}

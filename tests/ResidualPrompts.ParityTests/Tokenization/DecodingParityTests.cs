using System.Text.Json;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

public class DecodingParityTests
{
    public static TheoryData<string, string, string, int> Kinds()
    {
        var kinds = new TheoryData<string, string, string, int>();
        foreach (var (name, file) in new[] { ("t5", "decode.jsonl"), ("nano", "nano_decode.jsonl") })
        {
            foreach (var (kind, count) in TokenizerGolden.Kinds(file))
                kinds.Add(name, file, kind, count);
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decoding_gives_the_text_of_the_original(string tokenizerName, string file, string kind, int lineCount)
    {
        var tokenizer = TokenizerGolden.Tokenizer(tokenizerName);
        var lines = TokenizerGolden.Lines(TokenizerGolden.FileOf(file)).Where(line => TokenizerGolden.KindOf(line) == kind).ToList();

        lines.Should().HaveCount(lineCount);
        lines.Select(line => Difference(tokenizer, line)).OfType<string>().Should().BeEmpty();
    }

    private static string? Difference(T5Tokenizer tokenizer, JsonElement line)
    {
        var ids = TokenizerGolden.Ids(line);
        var skip = line.GetProperty("skip_special_tokens").GetBoolean();
        var cleanUp = line.GetProperty("clean_up_tokenization_spaces").GetBoolean();
        var expected = line.GetProperty("text").GetString()!;
        var actual = tokenizer.Decode(ids, skip, cleanUp);
        return actual == expected ? null : $"""

            ids       {string.Join(' ', ids.Select(id => $"{id}:{tokenizer.PieceOf(id)}"))}, skip special tokens {skip}, clean up {cleanUp}
            expected  {JsonSerializer.Serialize(expected)}
            actual    {JsonSerializer.Serialize(actual)}
            """;
    }
}

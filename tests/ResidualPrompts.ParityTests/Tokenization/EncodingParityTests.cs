using System.Text.Json;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

public class EncodingParityTests
{
    public static TheoryData<string, string, int> Kinds()
    {
        var kinds = new TheoryData<string, string, int>();
        foreach (var name in new[] { "t5", "nano" })
        {
            foreach (var (kind, count) in TokenizerGolden.Kinds(name + ".jsonl"))
                kinds.Add(name, kind, count);
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Encoding_gives_the_ids_of_the_original(string tokenizerName, string kind, int lineCount)
    {
        var tokenizer = TokenizerGolden.Tokenizer(tokenizerName);
        var lines = TokenizerGolden.Lines(TokenizerGolden.FileOf(tokenizerName + ".jsonl")).Where(line => TokenizerGolden.KindOf(line) == kind)
            .ToList();

        lines.Should().HaveCount(lineCount);
        lines.Select(line => Difference(tokenizer, line)).OfType<string>().Should().BeEmpty();
    }

    private static string? Difference(T5Tokenizer tokenizer, JsonElement line)
    {
        var text = line.GetProperty("text").GetString()!;
        int? maxLength = line.TryGetProperty("max_length", out var value) ? value.GetInt32() : null;
        var expected = TokenizerGolden.Ids(line);
        var actual = tokenizer.Encode(text, maxLength);
        return actual.SequenceEqual(expected) ? null : $"""

            text      {JsonSerializer.Serialize(text)}, at most {maxLength?.ToString() ?? "any number of"} ids
            expected  {Show(tokenizer, expected)}
            actual    {Show(tokenizer, actual)}
            """;
    }

    private static string Show(T5Tokenizer tokenizer, int[] ids) => string.Join(' ', ids.Select(id => $"{id}:{tokenizer.PieceOf(id)}"));
}

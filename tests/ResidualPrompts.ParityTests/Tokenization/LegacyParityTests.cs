using System.Text.Json;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

/// <summary>The ids of transformers 4.57 with <c>"legacy": false</c>.</summary>
public sealed class LegacyParityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// SentencePiece 0.2.3, on which transformers 4.57 ran, breaks ties differently: the same pieces in another order. The lines where it does are
    /// counted.
    /// </summary>
    [Theory]
    [InlineData("t5", 942, 46, 5)]
    [InlineData("nano", 400, 18, 2)]
    public void Encoding_without_legacy_gives_the_ids_of_transformers(string name, int lineCount, int otherCount, int tieCount)
    {
        var tokenizer = Load(name);
        var lines = TokenizerGolden.Lines(TokenizerGolden.FileOf(name + ".jsonl")).ToList();

        lines.Should().HaveCount(lineCount);
        lines.Count(line => line.TryGetProperty("new457", out _)).Should().Be(otherCount, "the two rules must be told apart");
        var different = lines.FindAll(line => !Ids(tokenizer, line).SequenceEqual(Expected(line)));
        different.Where(line => !Ids(tokenizer, line).Order().SequenceEqual(Expected(line).Order())).Select(line => JsonSerializer.Serialize(line))
            .Should().BeEmpty();
        different.Should().HaveCount(tieCount);
    }

    [Fact]
    public void A_sentinel_before_a_sentence_adds_no_space() =>
        Load("t5").Encode("<extra_id_0>. Hello").Should().Equal(32099, 5, 8774, 1);

    private T5Tokenizer Load(string name)
    {
        File.Copy(Path.Combine(TokenizerGolden.FileOf(name), "spiece.model"), _folder.File("spiece.model"));
        File.WriteAllText(_folder.File("tokenizer_config.json"), """{"legacy": false}""");
        return T5Tokenizer.Load(_folder.Path);
    }

    private static int[] Ids(T5Tokenizer tokenizer, JsonElement line) =>
        tokenizer.Encode(line.GetProperty("text").GetString()!, line.TryGetProperty("max_length", out var most) ? most.GetInt32() : null);

    private static int[] Expected(JsonElement line) => line.TryGetProperty("new457", out var other)
        ? [.. other.EnumerateArray().Select(id => id.GetInt32())] : TokenizerGolden.Ids(line);
}

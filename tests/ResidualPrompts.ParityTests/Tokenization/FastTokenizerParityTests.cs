using System.Text.Json;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.ParityTests.Tokenization;

/// <summary>A <c>tokenizer.json</c> gives the ids of the <c>spiece.model</c> that it was made of.</summary>
public sealed class FastTokenizerParityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("t5", 942)]
    [InlineData("nano", 400)]
    public void Encoding_gives_the_ids_of_the_original(string name, int lineCount)
    {
        File.WriteAllText(_folder.File("tokenizer.json"),
            FastTokenizerFile.Of(File.ReadAllBytes(Path.Combine(TokenizerGolden.FileOf(name), "spiece.model"))).ToJsonString());
        var fast = T5Tokenizer.Load(_folder.Path);
        var lines = TokenizerGolden.Lines(TokenizerGolden.FileOf(name + ".jsonl")).ToList();

        lines.Should().HaveCount(lineCount);
        lines.Where(line => !fast.Encode(line.GetProperty("text")
            .GetString()!, line.TryGetProperty("max_length", out var most) ? most.GetInt32() : null).SequenceEqual(TokenizerGolden.Ids(line)))
            .Select(line => JsonSerializer.Serialize(line)).Should().BeEmpty();
        fast.VocabularySize.Should().Be(TokenizerGolden.Tokenizer(name).VocabularySize);
        fast.PieceOf(fast.VocabularySize - 1).Should().Be("<extra_id_0>");
    }
}

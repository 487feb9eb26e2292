using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Vocabularies in the manner of mT5: byte pieces for what the others cannot write, and sentinels among the pieces.</summary>
public sealed class ByteFallbackTests : IDisposable
{
    private const int FirstByte = 10;
    private const int Sentinel = FirstByte + 256;

    private static readonly T5Tokenizer Tokenizer = T5Tokenizer.Parse(Model(), extraIdCount: 0);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ab", new[] { 9, 1 })]
    [InlineData("xab", new[] { 3, FirstByte + 'x', 6, 1 })]
    [InlineData("ab漢字a", new[] { 9, FirstByte + 0xE6, FirstByte + 0xBC, FirstByte + 0xA2, FirstByte + 0xE5, FirstByte + 0xAD, FirstByte + 0x97,
        4, 1 })]
    [InlineData("<0x41>", new[] { 3, FirstByte + '<', FirstByte + '0', FirstByte + 'x', FirstByte + '4', FirstByte + '1', FirstByte + '>', 1 })]
    [InlineData("<unk>", new[] { 2, 1 })]
    [InlineData("é", new[] { 3, 8, 1 })]
    public void What_no_piece_writes_becomes_bytes(string text, int[] ids) => Tokenizer.Encode(text).Should().Equal(ids);

    [Fact]
    public void Bytes_decode_to_characters_and_what_is_none_to_replacement_characters()
    {
        int[] Bytes(params int[] bytes) => [.. bytes.Select(b => FirstByte + b)];

        Tokenizer.Decode([.. Bytes(0xE6, 0xBC, 0xA2), 9, .. Bytes(0xF0, 0x9F, 0x98, 0x80), 1]).Should().Be("漢 ab😀</s>");
        Tokenizer.Decode(Bytes(0xE6, 0xBC)).Should().Be("\ufffd\ufffd");
        Tokenizer.Decode(Bytes('a', 0xFF, 'b')).Should().Be("a\ufffdb");
        Tokenizer.Decode([FirstByte + 0xC3, 0, FirstByte + 0xA9], skipSpecialTokens: true).Should().Be("é");
        Tokenizer.Decode([FirstByte + 0xC3, 0, FirstByte + 0xA9]).Should().Be("\ufffd<pad> \ufffd");
        Tokenizer.PieceOf(FirstByte + 0xE6).Should().Be("<0xE6>");
        Tokenizer.IsOrdinaryPiece(FirstByte).Should().BeFalse("prompts start from pieces of texts");
    }

    [Fact]
    public void Sentinels_among_the_pieces_are_found_after_a_space_and_none_are_added()
    {
        var tokenizer = Load();

        tokenizer.VocabularySize.Should().Be(Sentinel + 1);
        tokenizer.Encode("ab <extra_id_0> ab").Should().Equal(9, Sentinel, 9, 1);
        tokenizer.Encode("<extra_id_0>").Should().Equal(Sentinel, 1);
        tokenizer.Encode("ab<extra_id_0>").Should().NotContain(Sentinel, "mT5 has sentinels with a space alone");
        tokenizer.Decode([9, Sentinel, 9, 1], skipSpecialTokens: true).Should().Be("ab <extra_id_0> ab");
    }

    [Theory]
    [InlineData("""{"extra_ids": 0, "additional_special_tokens": null}""", 0)]
    [InlineData("""{"extra_ids": 300}""", 300)]
    [InlineData("{}", 0)]
    public void The_settings_say_how_many_sentinels_follow_the_pieces(string config, int count)
    {
        File.WriteAllText(_folder.File("tokenizer_config.json"), config);

        Load().VocabularySize.Should().Be(Sentinel + 1 + count);
    }

    [Fact]
    public void A_user_defined_piece_wins_against_any_score_and_is_not_normalized()
    {
        var tokenizer = SpieceFile.Tokenizer(file => file.Pieces.AddRange([("bb", 0, PieceKind.UserDefined), ("\ufb01", 0, PieceKind.UserDefined)]));

        tokenizer.Encode("abba").Should().Equal(7, 10, 4, 1);
        tokenizer.Encode("bbb").Should().Equal(3, 5, 10, 1);
        tokenizer.Encode("\ufb01").Should().Equal(3, 11, 1);
    }

    [Fact]
    public void A_tokenizer_json_with_byte_fallback_gives_the_same_ids()
    {
        File.WriteAllText(_folder.File("tokenizer.json"), FastFile());
        var fast = T5Tokenizer.Load(_folder.Path);

        foreach (var text in new[] { "ab漢字a", "x ab\tab", "é\u0301 😀" })
            fast.Encode(text).Should().Equal(Tokenizer.Encode(text), text);
    }

    private static byte[] Model() => SpieceFile.Bytes(file =>
    {
        file.AddBytePieces();
        file.Pieces.Add(("▁<extra_id_0>", 0, PieceKind.UserDefined));
    });

    private static string FastFile()
    {
        var json = FastTokenizerFile.Of(SpieceFile.Bytes(file => file.AddBytePieces()), extraIdCount: 0);
        json["model"]!["byte_fallback"] = true;
        return json.ToJsonString();
    }

    private T5Tokenizer Load()
    {
        File.WriteAllBytes(_folder.File("spiece.model"), Model());
        return T5Tokenizer.Load(_folder.Path);
    }
}

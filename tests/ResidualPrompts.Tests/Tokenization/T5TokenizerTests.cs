using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class T5TokenizerTests
{
    private static readonly T5Tokenizer Nano = NanoTokenizer.Instance;

    [Fact]
    public void Vocabulary_is_the_pieces_and_behind_them_the_extra_ids()
    {
        Nano.PieceCount.Should().Be(8000);
        Nano.VocabularySize.Should().Be(8100);
        Nano.PieceOf(T5Tokenizer.PadId).Should().Be("<pad>");
        Nano.PieceOf(T5Tokenizer.EosId).Should().Be("</s>");
        Nano.PieceOf(T5Tokenizer.UnknownId).Should().Be("<unk>");
        Nano.PieceOf(4).Should().Be("▁the");
        Nano.PieceOf(8000).Should().Be("<extra_id_99>");
        Nano.PieceOf(8099).Should().Be("<extra_id_0>");
        Nano.PieceOf(8100).Should().Be("<extra_id_-1>");
        Nano.PieceOf(int.MaxValue).Should().Be("<extra_id_-2147475548>");
    }

    [Fact]
    public void Ordinary_pieces_are_neither_special_nor_extra_nor_unused_nor_outside()
    {
        var tokenizer = SpieceFile.Tokenizer(file => file.Pieces.AddRange([("<s>", 0, PieceKind.Control), ("c", -1, PieceKind.Unused)]));

        Enumerable.Range(-2, tokenizer.VocabularySize + 4).Where(tokenizer.IsOrdinaryPiece).Should().Equal(3, 4, 5, 6, 7, 8, 9);
    }

    [Fact]
    public void Text_without_content_is_the_end_alone()
    {
        foreach (var text in new[] { "", " ", "\t\n", "\u0001\u0002", " \u3000\u2581\ufeff " })
            Nano.Encode(text).Should().Equal(T5Tokenizer.EosId);
    }

    [Theory]
    [InlineData("\ud83d")]
    [InlineData("\ude00")]
    public void A_surrogate_without_its_partner_counts_as_the_replacement_character(string surrogate) =>
        Nano.Encode($"a{surrogate}b").Should().Equal(Nano.Encode("a\ufffdb"));

    [Fact]
    public void The_end_is_appended_once()
    {
        var ids = Nano.Encode("the end");

        ids[^1].Should().Be(T5Tokenizer.EosId);
        Nano.Encode("the end </s>").Should().Equal(ids);
        Nano.Encode("the end </s> </s>").Should().Equal([.. ids, T5Tokenizer.EosId]);
    }

    [Fact]
    public void A_cut_text_still_ends()
    {
        var ids = Nano.Encode("the quick brown fox");

        Nano.Encode("the quick brown fox", ids.Length).Should().Equal(ids);
        Nano.Encode("the quick brown fox", 3).Should().Equal([.. ids[..2], T5Tokenizer.EosId]);
        Nano.Encode("the quick brown fox", 1).Should().Equal(T5Tokenizer.EosId);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_length_must_leave_room_for_the_end(int maxLength)
    {
        var encode = () => Nano.Encode("a", maxLength);

        encode.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_text_that_is_too_long_is_refused()
    {
        var encode = () => Nano.Encode(new string('a', T5Tokenizer.LongestText + 1));

        encode.Should().Throw<TokenizerException>().WithMessage("*16777217 UTF-16 code units*16777216*");
    }

    [Fact]
    public void Negative_ids_cannot_be_decoded()
    {
        var decode = () => Nano.Decode([5, -100]);
        var pieceOf = () => Nano.PieceOf(-1);

        decode.Should().Throw<TokenizerException>().WithMessage("-100 is not a token id*");
        pieceOf.Should().Throw<TokenizerException>();
    }

    [Fact]
    public void Ids_behind_the_vocabulary_stay_visible_even_without_special_tokens() =>
        Nano.Decode([0, 4, 8127, 8099, 1], skipSpecialTokens: true).Should().Be("the<extra_id_-28>");

    [Fact]
    public void Many_threads_can_encode_at_once()
    {
        var texts = Enumerable.Range(0, 400).Select(i => string.Concat(Enumerable.Repeat($"text {i} <extra_id_{i % 100}> ", 1 + (i % 17)))).ToArray();
        var expected = texts.Select(text => Nano.Encode(text)).ToArray();

        var actual = new int[texts.Length][];
        Parallel.For(0, texts.Length, i => actual[i] = Nano.Encode(texts[i]));

        actual.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering());
    }

    [Fact]
    public void Encoding_allocates_little_more_than_its_result()
    {
        var text = string.Concat(Enumerable.Repeat("a charming and often affecting journey. ", 200));
        var resultBytes = Nano.Encode(text).Length * sizeof(int);

        long Allocated()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10; i++)
                Nano.Encode(text);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A collection that another test brings about may empty the shared pool in between; the encoder's own need is the least of some rounds.
        Enumerable.Range(0, 5).Min(_ => Allocated()).Should().BeLessThan(10 * (resultBytes + 256));
    }
}

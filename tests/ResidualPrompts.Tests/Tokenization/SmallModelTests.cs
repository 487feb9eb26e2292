using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Rules that show best on a model of a few pieces.</summary>
public class SmallModelTests
{
    private const int Space = 3;
    private const int A = 4;
    private const int B = 5;
    private const int Ab = 6;
    private const int SpaceA = 7;
    private const int EAcute = 8;
    private const int Eos = T5Tokenizer.EosId;
    private const int Unknown = T5Tokenizer.UnknownId;

    [Fact]
    public void The_best_sum_of_scores_wins() =>
        // ▁ab -6 against ▁ ab -6 (a tie, the longer stays), ▁a b -6.75
        SpieceFile.Tokenizer().Encode("abb").Should().Equal(9, B, Eos);

    [Fact]
    public void Map_entries_are_replaced_longest_first() =>
        SpieceFile.Tokenizer().Encode("ba\te\u0301\u0001b\u3000b").Should().Equal(Space, B, A, Space, EAcute, B, Space, B, Eos);

    [Fact]
    public void Neighbouring_unknown_characters_are_one_id_and_a_space_ends_the_run() =>
        SpieceFile.Tokenizer().Encode("xyz x<unk>xy").Should().Equal(Space, Unknown, Space, Unknown, Unknown, Space, Unknown, Eos);

    [Fact]
    public void Unknown_characters_do_not_merge_across_a_special_token() =>
        SpieceFile.Tokenizer(file => file.Pieces[Space] = ("_", -1, PieceKind.Normal)).Encode("x<unk>y z</s>")
            .Should().Equal(Unknown, Unknown, Unknown, Eos);

    [Theory]
    [InlineData('\u001c')]
    [InlineData('\u001f')]
    [InlineData('\u0085')]
    [InlineData('\u2003')]
    public void White_space_of_Python_vanishes_next_to_special_tokens(char whiteSpace) =>
        SpieceFile.Tokenizer().Encode($"{whiteSpace}a{whiteSpace}<pad>{whiteSpace}b{whiteSpace}")
            .Should().Equal(Space, Unknown, A, 0, Space, B, Unknown, Eos);

    [Fact]
    public void The_zero_character_is_unknown_like_any_other() =>
        SpieceFile.Tokenizer().Encode("b\0b").Should().Equal(Space, B, Unknown, B, Eos);

    [Fact]
    public void Unused_and_control_pieces_are_not_cut_from_text()
    {
        var tokenizer = SpieceFile.Tokenizer(file => file.Pieces.AddRange([("abb", -1, PieceKind.Unused), ("aa", -1, PieceKind.Control)]));

        tokenizer.Encode("abb aa").Should().Equal(9, B, SpaceA, A, Eos);
        tokenizer.Decode([10, 11, A]).Should().Be("abba", "a control piece has no text");
    }

    [Fact]
    public void A_model_without_a_map_changes_no_character() =>
        SpieceFile.Tokenizer(file => file.CharsMap = []).Encode("a\tb\u2581").Should().Equal(SpaceA, Unknown, B, Eos);

    [Fact]
    public void Long_special_looking_texts_are_ordinary() =>
        SpieceFile.Tokenizer().Encode("<extra_id_99999999999999999999>").Should().NotContain(id => id > 9);

    [Fact]
    public void Extra_ids_can_be_none()
    {
        var tokenizer = T5Tokenizer.Parse(SpieceFile.Bytes(), extraIdCount: 0);

        tokenizer.VocabularySize.Should().Be(10);
        tokenizer.Encode("<extra_id_0>").Should().OnlyContain(id => id < 10);
    }

    [Fact]
    public void Ab_is_cut_inside_a_word() => SpieceFile.Tokenizer().Encode("bab").Should().Equal(Space, B, Ab, Eos);
}

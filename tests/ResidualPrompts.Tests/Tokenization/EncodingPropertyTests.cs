using CsCheck;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class EncodingPropertyTests
{
    private static readonly T5Tokenizer Nano = NanoTokenizer.Instance;
    private static readonly NaiveT5Tokenizer Naive = new(NanoTokenizer.ModelBytes);

    [Fact]
    public void Encoding_equals_the_rules_written_down_naively() =>
        HostileText.Short.Select(Gen.Int[1, 12].Nullable()).Sample(
            (text, maxLength) => Nano.Encode(text, maxLength).SequenceEqual(Naive.Encode(text, maxLength)),
            iter: 4_000,
            print: t => $"{Escape(t.Item1)}, {t.Item2}: {string.Join(' ', Nano.Encode(t.Item1, t.Item2))} / "
                + $"{string.Join(' ', Naive.Encode(t.Item1, t.Item2))}");

    [Fact]
    public void The_longest_runs_of_one_character_equal_the_naive_rules()
    {
        foreach (var run in new[] { ".", "=", "a", "-", "ha", "0", "e\u0301", "the", "_ " })
        {
            var text = string.Concat(Enumerable.Repeat(run, 100));
            Nano.Encode(text).Should().Equal(Naive.Encode(text), "of {0}", text);
        }
    }

    [Fact]
    public void Any_text_gives_ids_of_the_vocabulary_and_always_the_same() =>
        Gen.OneOf(HostileText.AnyUtf16, HostileText.Short).Sample(
            text =>
            {
                var ids = Nano.Encode(text);
                ids[^1].Should().Be(T5Tokenizer.EosId);
                ids.Should().OnlyContain(id => id >= 0 && id < Nano.VocabularySize);
                Nano.Encode(text).Should().Equal(ids);
                Nano.Decode(ids).Should().NotBeNull();
            },
            iter: 3_000,
            print: Escape);

    [Fact]
    public void A_cut_text_is_a_beginning_of_the_whole_one() =>
        HostileText.Short.Select(Gen.Int[1, 30]).Sample(
            (text, maxLength) =>
            {
                var whole = Nano.Encode(text);
                var cut = Nano.Encode(text, maxLength);
                cut.Length.Should().BeLessThanOrEqualTo(maxLength);
                cut[^1].Should().Be(T5Tokenizer.EosId);
                whole.Take(cut.Length - 1).Should().Equal(cut[..^1]);
                if (whole.Length < maxLength)
                    cut.Should().Equal(whole);
            },
            iter: 3_000,
            print: t => $"{Escape(t.Item1)}, {t.Item2}");

    [Fact]
    public void Words_survive_a_round_trip() =>
        Gen.Char['a', 'z'].Array[1, 12].Select(word => new string(word)).Array[0, 10].Select(words => string.Join(' ', words)).Sample(
            text => Nano.Decode(Nano.Encode(text), skipSpecialTokens: true) == text, iter: 2_000);

    private static string Escape(string text) => string.Concat(text.Select(c => c is > ' ' and <= '~' ? c.ToString() : $"\\u{(int)c:x4}"));
}

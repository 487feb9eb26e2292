using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>The setting <c>legacy</c> of tokenizer_config.json: which texts get a space of their own at their start.</summary>
public sealed class LegacyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public LegacyTests() => File.WriteAllBytes(_folder.File("spiece.model"), SpieceFile.Bytes());

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"legacy": null}""")]
    [InlineData("""{"legacy": true, "add_prefix_space": false}""")]
    public void Without_it_every_text_between_special_tokens_starts_with_a_space(string config)
    {
        var tokenizer = Load(config);

        tokenizer.Encode("ab<extra_id_0>ab").Should().Equal(9, 109, 9, 1);
        tokenizer.Digest.Should().Be(SpieceFile.Tokenizer().Digest);
    }

    [Theory]
    [InlineData("ab ab", new[] { 9, 9, 1 })]
    [InlineData("", new[] { 1 })]
    [InlineData("   ", new[] { 1 })]
    [InlineData("<extra_id_0>ab", new[] { 109, 6, 1 })]
    [InlineData("<extra_id_0> ab", new[] { 109, 6, 1 })] // a sentinel takes the space after it
    [InlineData("ab <extra_id_0> ab <extra_id_1>", new[] { 9, 109, 6, 108, 1 })]
    [InlineData("ab</s> ab", new[] { 9, 1, 9, 1 })] // the end of a text does not
    [InlineData("ab<pad>ab", new[] { 9, 0, 6, 1 })]
    [InlineData("ab<pad>\tab", new[] { 9, 0, 6, 1 })]
    [InlineData("ab<pad> ", new[] { 9, 0, 1 })]
    [InlineData("\u2581ab\u2581a", new[] { 9, 7, 1 })]
    public void Legacy_false_adds_a_space_at_the_start_of_the_whole_text_alone(string text, int[] ids) =>
        Load("""{"legacy": false}""").Encode(text).Should().Equal(ids);

    [Fact]
    public void Truncation_is_that_of_the_whole_text()
    {
        var tokenizer = Load("""{"legacy": false}""");
        var whole = tokenizer.Encode("ab ab<extra_id_0>ab a</s> ab");

        whole.Should().Equal(9, 9, 109, 6, 7, 1, 9, 1);
        Enumerable.Range(1, 8).Select(most => string.Join(' ', tokenizer.Encode("ab ab<extra_id_0>ab a</s> ab", most))).Should().Equal(
            "1", "9 1", "9 9 1", "9 9 109 1", "9 9 109 6 1", "9 9 109 6 7 1", "9 9 109 6 7 1", "9 9 109 6 7 1 9 1");
    }

    [Fact]
    public void Add_prefix_space_false_adds_none_at_all() =>
        Load("""{"legacy": false, "add_prefix_space": false}""").Encode("ab ab").Should().Equal(6, 9, 1);

    [Fact]
    public void Where_tokens_strip_white_space_is_obeyed() =>
        Load("""{"legacy": false, "added_tokens_decoder": {"109": {"content": "<extra_id_0>"}, "0": {"content": "<pad>", "rstrip": true}}}""")
            .Encode("<extra_id_0> ab<pad> ab").Should().Equal(109, 9, 0, 6, 1);

    [Fact]
    public void Digests_tell_the_settings_apart()
    {
        string[] configs =
        [
            "{}", """{"legacy": false}""", """{"legacy": false, "add_prefix_space": false}""",
            """{"legacy": false, "added_tokens_decoder": {"109": {"content": "<extra_id_0>"}}}""",
        ];

        configs.Select(config => Load(config).Digest).Should().OnlyHaveUniqueItems();
        Load("""{"legacy": false, "added_tokens_decoder": {"109": {"content": "<extra_id_0>", "lstrip": true, "rstrip": true}}}""").Digest
            .Should().Be(Load(configs[1]).Digest);
    }

    private T5Tokenizer Load(string config)
    {
        File.WriteAllText(_folder.File("tokenizer_config.json"), config);
        return T5Tokenizer.Load(_folder.Path);
    }
}

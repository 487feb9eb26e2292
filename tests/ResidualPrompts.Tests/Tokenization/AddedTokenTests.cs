using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Tokens that the owner of a model added, in each form in which transformers writes them.</summary>
public sealed class AddedTokenTests : IDisposable
{
    private const int Sep = 8100;
    private const int Event = 8101;

    private readonly TemporaryFolder _folder = new();

    public AddedTokenTests()
    {
        File.WriteAllBytes(_folder.File("spiece.model"), NanoTokenizer.ModelBytes);
    }

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Forms() => new()
    {
        { "tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>"}, "8101": {"content": "[EVENT]"}}}""" },
        {
            "tokenizer_config.json",
            """
            {"added_tokens_decoder": {
                "0": {"content": "<pad>", "special": true}, "1": {"content": "</s>", "special": true}, "2": {"content": "<unk>", "special": true},
                "8000": {"content": "<extra_id_99>", "lstrip": true, "rstrip": true, "special": true},
                "8101": {"content": "[EVENT]", "lstrip": false, "normalized": true, "rstrip": false, "single_word": false, "special": false},
                "8100": {"__type": "AddedToken", "content": "<sep>", "lstrip": true, "normalized": false, "rstrip": true, "special": true}},
             "additional_special_tokens": ["<sep>"], "extra_ids": 100, "legacy": null, "eos_token": {"content": "</s>"}, "bos_token": null}
            """
        },
        { "added_tokens.json", """{"[EVENT]": 8101, "<sep>": 8100}""" },
        { "tokenizer_config.json", """{"additional_special_tokens": ["<sep>", "[EVENT]"]}""" },
        { "tokenizer_config.json", """{"extra_special_tokens": ["<sep>", {"content": "[EVENT]", "lstrip": true}]}""" },
        { "tokenizer_config.json", """{"sep_token": "<sep>", "extra_special_tokens": {"event_token": "[EVENT]"}, "cls_token": "</s>"}""" },
        { "special_tokens_map.json", """{"additional_special_tokens": ["[EVENT]"], "bos_token": {"content": "<sep>"}, "unk_token": "<unk>"}""" },
        { "tokenizer.json", """{"added_tokens": [{"id": 8101, "content": "[EVENT]"}, {"id": 8100, "content": "<sep>", "special": true}]}""" },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Every_form_gives_the_same_ids_and_texts(string file, string json)
    {
        var tokenizer = Load((file, json));

        tokenizer.Encode("one <sep> two [EVENT]").Should().Equal(63, Sep, 158, Event, 1);
        tokenizer.Encode("[EVENT]one<sep><sep>two").Should().Equal(Event, 63, Sep, Sep, 158, 1);
        tokenizer.Decode([63, Sep, 158, Event, 1]).Should().Be("one <sep> two [EVENT] </s>");
        tokenizer.PieceOf(Event).Should().Be("[EVENT]");
        tokenizer.VocabularySize.Should().Be(8102);
        tokenizer.IsOrdinaryPiece(Sep).Should().BeFalse("prompts start from pieces");
    }

    [Fact]
    public void Sources_are_joined_and_may_repeat_each_other()
    {
        var tokenizer = Load(
            ("tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>", "special": true}}, "mask_token": "<sep>"}"""),
            ("added_tokens.json", """{"<sep>": 8100, "[EVENT]": 8101}"""));

        tokenizer.Encode("one <sep> two [EVENT]").Should().Equal(63, Sep, 158, Event, 1);
        tokenizer.Decode([63, Sep, 158, Event, 1], skipSpecialTokens: true).Should().Be("one two [EVENT]");
    }

    [Fact]
    public void Special_tokens_of_the_owner_are_omitted_with_T5s_own_and_others_stay()
    {
        var tokenizer = Added("""{"8100": {"content": "<sep>", "special": true}, "8101": {"content": "[EVENT]", "special": false}}""");

        tokenizer.Decode([Sep, 63, Sep, 158, Event, 0, 1], skipSpecialTokens: true).Should().Be("one two [EVENT]");
        tokenizer.Decode([Sep, 63]).Should().Be("<sep> one");
        tokenizer.Decode([8099, Sep, 8102]).Should().Be("<extra_id_0> <sep> <extra_id_-3>", "no token has the last id");
    }

    [Fact]
    public void The_longest_of_the_tokens_that_start_at_one_place_is_taken()
    {
        var tokenizer = Added(
            """{"8100": {"content": "<a"}, "8101": {"content": "<a><b>"}, "8102": {"content": "<extra_id_0>x"}, "8103": {"content": "qq"}}""");

        tokenizer.Encode("<a><a><b><extra_id_0>x<extra_id_0>qq").Should().Equal(8100, 38, 2, 8101, 8102, 8099, 8103, 1);
    }

    [Fact]
    public void Tokens_without_an_angle_bracket_or_with_white_space_are_found()
    {
        var tokenizer = Added("""{"8100": {"content": "\n"}, "8101": {"content": "{ }"}, "8102": {"content": "\ud83d\ude00"}}""");

        tokenizer.Encode("one\n two{ }\ud83d\ude00\n\n").Should().Equal(63, 8100, 158, 8101, 8102, 8100, 8100, 1);
        tokenizer.Encode("one\n<extra_id_0>\ntwo\n</s>").Should().Equal(
            [63, 8099, 158, 8100, 1], "a sentinel takes the white space beside it, also where it is a token, as in transformers");
        tokenizer.Decode([63, 8100, 158]).Should().Be("one \n two");
    }

    [Theory]
    [InlineData("false", "false", new[] { 3, 4, 7, 10, 8, 4, 1 })]
    [InlineData("true", "false", new[] { 3, 4, 10, 8, 4, 1 })]
    [InlineData("false", "true", new[] { 3, 4, 7, 10, 3, 4, 1 })]
    [InlineData("true", "true", new[] { 3, 4, 10, 3, 4, 1 })]
    public void Stripping_on_each_side_is_obeyed(string lstrip, string rstrip, int[] ids)
    {
        // U+0085 is white space for Python but not for SentencePiece, so that stripping shows.
        File.WriteAllBytes(_folder.File("spiece.model"), SpieceFile.Bytes(file =>
            (file.Pieces[7], file.Pieces[8]) = (("\u0085", -1, PieceKind.Normal), ("▁\u0085", -1, PieceKind.Normal))));
        var tokenizer = Load(("tokenizer_config.json",
            $$$"""{"extra_ids": 0, "added_tokens_decoder": {"10": {"content": "|", "lstrip": {{{lstrip}}}, "rstrip": {{{rstrip}}} } } }"""));

        tokenizer.Encode("a\u0085|\u0085a").Should().Equal(ids);
    }

    [Fact]
    public void A_token_that_is_a_piece_already_keeps_its_id_and_is_not_cut()
    {
        var piece = NanoTokenizer.Instance.PieceOf(4000);
        var inWord = piece.TrimStart('\u2581');
        var tokenizer = Load(("tokenizer_config.json",
            JsonSerializer.Serialize(new { additional_special_tokens = new[] { piece }, added_tokens_decoder = new Dictionary<string, object>() })));

        inWord.Should().NotBeEmpty();
        tokenizer.VocabularySize.Should().Be(8100);
        tokenizer.Encode($"x{piece}x").Should().Contain(4000);
    }

    [Fact]
    public void Truncation_counts_added_tokens()
    {
        var tokenizer = Load(("added_tokens.json", """{"<sep>": 8100}"""));

        tokenizer.Encode("one <sep> two", maxLength: 3).Should().Equal(63, Sep, 1);
        tokenizer.Encode("one <sep> two", maxLength: 2).Should().Equal(63, 1);
        tokenizer.Encode("<sep>", maxLength: 1).Should().Equal(1);
    }

    private static readonly (string File, string Json, string Message)[] Faults =
    [
        ("added_tokens.json", """{"<sep>": 9}""", "*the id 9, but that is the piece*"),
        ("added_tokens.json", """{"<sep>": 8099}""", "*'<sep>' the id 8099, but that is '<extra_id_0>' of 100 extra ids*"),
        ("added_tokens.json", """{"<sep>": 8100, "[EVENT]": 8100}""", "*'[EVENT]' the id 8100, but '<sep>' has that id*"),
        ("added_tokens.json", """{"<extra_id_0>": 8100}""", "*'<extra_id_0>' the id 8100, but '<extra_id_0>' has the id 8099*"),
        ("added_tokens.json", """{"</s>": 8100}""", "*'</s>' has the id 1*"),
        ("added_tokens.json", """{"\u2581one": 8100}""", "*it is the piece with the id 63*"),
        ("added_tokens.json", """{"<sep>": "8100"}""", "*the id of '<sep>' is \"8100\", expected a whole number*"),
        ("added_tokens.json", """{"<sep>": -1}""", "*the id of '<sep>' is -1*"),
        ("added_tokens.json", """{"": 8100}""", "*0 characters*"),
        ("added_tokens.json", "[]", "*expected a JSON object, found Array*Copy it again*"),
        ("added_tokens.json", "{", "*is not JSON*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>"}, "8101": {"content": "<sep>"}}}""",
            "*it has the id 8100 in*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>", "single_word": true}}}""",
            "*'<sep>' has \"single_word\": true*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>", "lstrip": 1}}}""",
            "*'lstrip' of the added token '<sep>' is 1*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": {"8100": "<sep>"}}""", "*token 8100 is String, expected Object*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": {"x": {"content": "<sep>"}}}""", "*'x' in 'added_tokens_decoder' is not a token id*"),
        ("tokenizer_config.json", """{"added_tokens_decoder": []}""", "*added_tokens_decoder is Array, expected Object*"),
        ("tokenizer_config.json", """{"eos_token": "<end>"}""", "*'eos_token' is '<end>', expected '</s>'*"),
        ("tokenizer_config.json", """{"split_special_tokens": true}""", "*'split_special_tokens' is true*"),
        ("tokenizer_config.json", """{"legacy": "no"}""", "*'legacy' is \"no\", expected true or false*"),
        ("tokenizer_config.json", """{"additional_special_tokens": ["<extra_id_0>", "<extra_id_1>"]}""", "*names 2 extra ids*'extra_ids' says 100*"),
        ("special_tokens_map.json", """{"pad_token": "[PAD]"}""", "*special_tokens_map.json*'pad_token' is '[PAD]', expected '<pad>'*"),
        ("tokenizer.json", "{", "*tokenizer.json*not JSON*"),
    ];

    public static TheoryData<int> FaultNumbers() => [.. Enumerable.Range(0, Faults.Length)];

    [Theory]
    [MemberData(nameof(FaultNumbers))]
    public void Declarations_that_cannot_be_obeyed_are_refused_by_name(int number)
    {
        var (file, json, message) = Faults[number];
        FluentActions.Invoking(() => Load((file, json))).Should().Throw<TokenizerException>().WithMessage(message).WithMessage($"*{file}*");
    }

    [Fact]
    public void The_digest_tells_what_decides_ids_and_nothing_else()
    {
        var plain = NanoTokenizer.Instance.Digest;
        var added = Load(("added_tokens.json", """{"<sep>": 8100}""")).Digest;
        File.Delete(_folder.File("added_tokens.json"));

        plain.Should().Be("1ab41c74f81a8102da0eee87bee990b929659d277ce663af1a9076a815604b72", "released prompts hold it");
        Load(("special_tokens_map.json", """{"eos_token": "</s>"}""")).Digest.Should().Be(plain);
        Added("""{"0": {"content": "<pad>", "special": true}}""").Digest.Should().Be(plain);
        added.Should().Be(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{plain}\n8100 00 5 <sep>\n"))),
            "as docs/formats.md says");
        Added("""{"8100": {"content": "<sep>", "special": true}}""").Digest.Should().Be(added, "it gives the same ids");
        Added("""{"8100": {"content": "<sep>", "rstrip": true}}""").Digest.Should().NotBe(added);
        Added("""{"8101": {"content": "<sep>"}}""").Digest.Should().NotBe(added);
        Added("""{"8100": {"content": "<SEP>"}}""").Digest.Should().NotBe(added);
    }

    private T5Tokenizer Added(string decoder) =>
        Load(("tokenizer_config.json", new JsonObject { ["added_tokens_decoder"] = JsonNode.Parse(decoder) }.ToJsonString()));

    private T5Tokenizer Load(params (string Name, string Json)[] files)
    {
        foreach (var (name, json) in files)
            File.WriteAllText(_folder.File(name), json);
        return T5Tokenizer.Load(_folder.Path);
    }
}

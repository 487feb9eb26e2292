using System.Text.Json.Nodes;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public sealed class FastTokenizerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_with_a_tokenizer_json_alone_is_read_by_it()
    {
        var fast = Load(_ => { });
        var slow = SpieceFile.Tokenizer();

        T5Tokenizer.FileIn(_folder.Path).Should().Be(_folder.File("tokenizer.json"));
        foreach (var text in new[] { "ab a b", "  e\u0301 \u3000 ﬁ ab<extra_id_0> z</s>", "", "zz ab\tab" })
            fast.Encode(text).Should().Equal(slow.Encode(text), text);
        (fast.PieceCount, fast.VocabularySize).Should().Be((slow.PieceCount, slow.VocabularySize));
    }

    [Fact]
    public void The_spiece_model_goes_before_it()
    {
        Write(json => json["model"]!["type"] = "BPE");
        File.WriteAllBytes(_folder.File("spiece.model"), SpieceFile.Bytes());

        T5Tokenizer.FileIn(_folder.Path).Should().Be(_folder.File("spiece.model"));
        T5Tokenizer.Load(_folder.Path).PieceCount.Should().Be(10);
    }

    [Fact]
    public void Extra_ids_may_stand_among_the_added_tokens_alone_and_be_fewer()
    {
        var few = Load(
            json =>
            {
                for (var i = 0; i < 3; i++)
                    json["model"]!["vocab"]!.AsArray().RemoveAt(10);
            },
            extraIdCount: 3);
        (few.PieceCount, few.VocabularySize).Should().Be((10, 13));
        few.Encode("<extra_id_2><extra_id_0><extra_id_3>").Should().StartWith([10, 12]).And.NotContain(13);
        Load(_ => { }, extraIdCount: 0).VocabularySize.Should().Be(10);
    }

    [Fact]
    public void The_older_form_with_white_space_split_first_and_without_a_map_is_read()
    {
        var old = Load(json =>
        {
            json["normalizer"] = null;
            json["pre_tokenizer"] = JsonNode.Parse(
                """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},"""
                + """{"type":"Metaspace","replacement":"▁","add_prefix_space":true}]}""");
            json["model"]!.AsObject().Remove("type");
            json["model"]!.AsObject().Remove("byte_fallback");
        });
        old.Encode("ab a").Should().Equal(SpieceFile.Tokenizer().Encode("ab a"));
    }

    [Fact]
    public void Tokens_that_the_owner_added_are_read_with_their_flags()
    {
        var tokenizer = Load(
            json => json["added_tokens"]!.AsArray().Add(
                JsonNode.Parse("""{"id":12,"content":"<sep>","lstrip":false,"rstrip":true,"normalized":true,"special":false,"single_word":false}""")),
            extraIdCount: 2);

        tokenizer.VocabularySize.Should().Be(13);
        tokenizer.Encode("ab<sep>a").Should().Equal(9, 12, 7, 1);
        tokenizer.Decode([9, 12, 7, 1]).Should().Be("ab <sep> a</s>");
    }

    [Fact]
    public void With_the_scheme_first_only_the_whole_text_starts_with_a_space()
    {
        var tokenizer = Load(json => json["pre_tokenizer"]!["prepend_scheme"] = "first", extraIdCount: 2);

        tokenizer.Encode("ab<extra_id_0>ab a").Should().Equal(9, 11, 6, 7, 1);
        tokenizer.Encode("<extra_id_0>\tab").Should().Equal([11, 9, 1], "a tab is a space after normalization");
        tokenizer.Encode("<extra_id_0>b").Should().Equal(11, 5, 1);
        tokenizer.Digest.Should().NotBe(Load(_ => { }, extraIdCount: 2).Digest);
    }

    [Fact]
    public void Where_T5s_own_tokens_strip_white_space_is_read_with_the_scheme_first()
    {
        var tokenizer = Load(
            json =>
            {
                json["pre_tokenizer"]!["prepend_scheme"] = "first";
                json["added_tokens"]![3]!["rstrip"] = true;
            },
            extraIdCount: 2);

        tokenizer.Encode("b<extra_id_1> a</s> a").Should().Equal([3, 5, 10, 4, 1, 7, 1]);
    }

    private static readonly Dictionary<string, Action<JsonObject>> FaultyFiles = new()
    {
        ["*its model is BPE, expected Unigram*"] = json => json["model"]!["type"] = "BPE",
        ["*byte_fallback is true, but the byte piece '<0x00>' is missing*"] = json => json["model"]!["byte_fallback"] = true,
        ["*not a tokenizer in JSON*"] = json => json.Remove("model"),
        ["*{\"id\":0,\"content\":1,\"special\":true} is an added token without 'content'*"] = json => json["added_tokens"]![0]!["content"] = 1,
        ["*not a tokenizer in JSON: Index*"] = json => json["model"]!["vocab"]![4] = new JsonArray("a"),
        ["*piece 4 has no text*"] = json => json["model"]!["vocab"]![4]![0] = null,
        ["*piece 4 ('a') is Infinity*"] = json => json["model"]!["vocab"]![4]![1] = 1e300,
        ["*piece 4 ('<pad>') occurs twice*"] = json => json["model"]!["vocab"]![4]![0] = "<pad>",
        ["*piece 1 is '</S>' (Control), expected '</s>'*"] =
        json => { json["model"]!["vocab"]![1]![0] = "</S>"; json["added_tokens"]![1]!["content"] = "</S>"; },
        ["*gives the added token '<sep>' the id 5, but that is the piece 'b'*"] = json =>
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":5,"content":"<sep>"}""")),
        ["*'<extra_id_0>' is an added token with the id 10, expected '<extra_id_1>' with the id 10*"] = json =>
        json["added_tokens"]![3]!["content"] = "<extra_id_0>",
        ["*'a\\u0001b' has \"normalized\": true*normalizer changes it*"] = json =>
        json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id":12,"content":"a\u0001b","normalized":true}""")),
        ["*its normalizer is {\"type\":\"Lowercase\"}*"] = json =>
        json["normalizer"]!["normalizers"]![1] = JsonNode.Parse("""{"type":"Lowercase"}"""),
        ["*has 2 maps*"] = json => json["normalizer"]!["normalizers"]!.AsArray().Add(json["normalizer"]!["normalizers"]![0]!.DeepClone()),
        ["*not a tokenizer in JSON*Base-64*"] = json => json["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"] = "???",
        ["*precompiled_charsmap*only 3 bytes*"] = json => json["normalizer"]!["normalizers"]![0]!["precompiled_charsmap"] = "AAAA",
        ["*no pre_tokenizer*"] = json => json["pre_tokenizer"] = null,
        ["*its pre_tokenizer is*ByteLevel*"] = json => json["pre_tokenizer"]!["type"] = "ByteLevel",
        ["*its pre_tokenizer is*never*"] = json => json["pre_tokenizer"]!["prepend_scheme"] = "never",
        ["*its pre_tokenizer is*first*"] = json => json["pre_tokenizer"] = JsonNode.Parse(
            """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}]}"""),
        ["*its pre_tokenizer is*\"_\"*"] = json => json["pre_tokenizer"]!["replacement"] = "_",
    };

    public static TheoryData<string> Faults() => [.. FaultyFiles.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_file_that_T5_cannot_use_is_an_error(string message) =>
        FluentActions.Invoking(() => Load(FaultyFiles[message], extraIdCount: 2)).Should().Throw<TokenizerException>().WithMessage(message)
            .WithMessage($"*{_folder.Path}*tokenizer.json*");

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"model\": \"\\ud800\"}")]
    [InlineData("{\"model\": {\"type\": \"\\ud800\"}}")]
    public void Other_text_is_an_error(string text)
    {
        File.WriteAllText(_folder.File("tokenizer.json"), text);
        FluentActions.Invoking(() => T5Tokenizer.Load(_folder.Path)).Should().Throw<TokenizerException>().WithMessage("*not a tokenizer in JSON*");
    }

    private T5Tokenizer Load(Action<JsonObject> change, int extraIdCount = 100)
    {
        Write(change, extraIdCount);
        return T5Tokenizer.Load(_folder.Path);
    }

    private void Write(Action<JsonObject> change, int extraIdCount = 100)
    {
        var json = FastTokenizerFile.Of(SpieceFile.Bytes(), extraIdCount);
        change(json);
        File.WriteAllText(_folder.File("tokenizer.json"), json.ToJsonString());
    }
}

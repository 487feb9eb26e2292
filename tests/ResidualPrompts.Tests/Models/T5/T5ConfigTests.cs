using System.Text.Json;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Models.T5;

public sealed class T5ConfigTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_key_is_read()
    {
        var config = TinyT5.Version11 with { NormEpsilon = 1e-5, DropoutRate = 0.25 };
        Write(ModelFolder.Json(config));
        T5Config.Load(_folder.Path).Should().Be(config);
    }

    [Fact]
    public void Absent_keys_have_the_defaults_of_transformers()
    {
        _folder.Write("config.json", """{"vocab_size":100,"d_model":8,"d_kv":4,"num_heads":2,"d_ff":16,"num_layers":3,"num_decoder_layers":null}""");
        var config = T5Config.Load(_folder.Path);
        config.DecoderLayerCount.Should().Be(3);
        config.PositionBucketCount.Should().Be(32);
        config.PositionMaxDistance.Should().Be(128);
        config.NormEpsilon.Should().Be(1e-6);
        config.FeedForward.Should().Be(FeedForwardKind.Relu);
        config.TiedEmbeddings.Should().BeTrue();
        (config.PadId, config.EosId, config.DecoderStartId).Should().Be((0, 1, 0));
    }

    [Fact]
    public void All_problems_are_named_at_once()
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json["d_model"] = -8;
        json["num_heads"] = "four";
        json["feed_forward_proj"] = "gated-silu";
        json.Remove("d_ff");
        json["model_type"] = "bert";
        Write(json);
        var act = () => T5Config.Load(_folder.Path);
        act.Should().Throw<T5ConfigException>()
            .WithMessage("*config.json*model_type is \"bert\"*d_model is -8*num_heads is \"four\"*d_ff is missing*feed_forward_proj is "
            + "\"gated-silu\"*relu*");
    }

    [Theory]
    [InlineData("", "*JSON*")]
    [InlineData("[]", "*object*")]
    [InlineData("{\"vocab_size\":", "*JSON*")]
    [InlineData("null", "*object*")]
    [InlineData("{\"model_type\":\"\\ud800\"}", "*JSON*")]
    [InlineData("{\"feed_forward_proj\":\"\\ud800\"}", "*JSON*")]
    [InlineData("{\"\\ud800\":1}", "*JSON*")]
    public void Broken_json_is_an_error_that_names_the_file(string text, string message)
    {
        var path = _folder.Write("config.json", text);
        var act = () => T5Config.Load(_folder.Path);
        act.Should().Throw<T5ConfigException>().WithMessage(message).And.Message.Should().Contain(path);
    }

    [Fact]
    public void A_folder_without_config_says_what_belongs_there()
    {
        var act = () => T5Config.Load(_folder.Path);
        act.Should().Throw<T5ConfigException>().WithMessage("*no config.json*model.safetensors*");
    }

    [Theory]
    [InlineData("relative_attention_num_buckets", 3)]
    [InlineData("relative_attention_max_distance", 8)]
    [InlineData("eos_token_id", 96)]
    [InlineData("vocab_size", 1e12)]
    [InlineData("d_kv", 2.5)]
    [InlineData("layer_norm_epsilon", -1)]
    [InlineData("dropout_rate", 1)]
    [InlineData("num_layers", 0)]
    public void A_value_out_of_range_is_named(string key, double value)
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json[key] = value;
        Write(json);
        var act = () => T5Config.Load(_folder.Path);
        act.Should().Throw<T5ConfigException>().WithMessage($"*{key} is*");
    }

    [Theory]
    [InlineData("eos_token_id", "[1]", 1)]
    [InlineData("eos_token_id", "[7]", 7)]
    [InlineData("eos_token_id", "null", 1)]
    [InlineData("pad_token_id", "[3]", 3)]
    [InlineData("pad_token_id", "null", 0)]
    [InlineData("decoder_start_token_id", "[5]", 5)]
    [InlineData("decoder_start_token_id", "null", 0)]
    public void An_id_may_be_a_list_of_one_or_null(string key, string value, int expected)
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json[key] = JsonDocument.Parse(value).RootElement;
        Write(json);
        var config = T5Config.Load(_folder.Path);
        (key[0] switch { 'e' => config.EosId, 'p' => config.PadId, _ => config.DecoderStartId }).Should().Be(expected);
    }

    [Fact]
    public void A_decoder_starts_with_the_padding_id_unless_the_config_says_otherwise()
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json["pad_token_id"] = 3;
        Write(json);
        T5Config.Load(_folder.Path).DecoderStartId.Should().Be(3);
    }

    [Theory]
    [InlineData("eos_token_id", "[1,106]")]
    [InlineData("eos_token_id", "[]")]
    [InlineData("eos_token_id", "[96]")]
    [InlineData("eos_token_id", "[[1]]")]
    [InlineData("eos_token_id", "[null]")]
    [InlineData("eos_token_id", "[\"1\"]")]
    [InlineData("eos_token_id", "[-1]")]
    [InlineData("pad_token_id", "[0,0]")]
    [InlineData("decoder_start_token_id", "[0,1]")]
    public void A_list_that_is_no_single_id_is_named(string key, string value)
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json[key] = JsonDocument.Parse(value).RootElement;
        Write(json);
        FluentActions.Invoking(() => T5Config.Load(_folder.Path)).Should().Throw<T5ConfigException>().WithMessage($"*{key} is *");
    }

    [Theory]
    [InlineData("scale_decoder_outputs")]
    [InlineData("tie_word_embeddings")]
    public void A_flag_that_is_no_truth_value_is_named(string key)
    {
        var json = ModelFolder.Json(TinyT5.Version10);
        json[key] = "false";
        Write(json);
        FluentActions.Invoking(() => T5Config.Load(_folder.Path)).Should().Throw<T5ConfigException>()
            .WithMessage($"*{key} is \"false\", expected true or false*");
    }

    private void Write(Dictionary<string, object?> json) => _folder.Write("config.json", JsonSerializer.Serialize(json));
}

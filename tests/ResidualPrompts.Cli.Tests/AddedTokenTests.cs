using System.Text.Json.Nodes;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Tokens that the owner of a model added, from the command line: ids, texts, label words, contracts and copies of the model.</summary>
public sealed class AddedTokenTests : IDisposable
{
    private const string PlainDigest = "1ab41c74f81a8102da0eee87bee990b929659d277ce663af1a9076a815604b72";
    private const string AddedTokens = """{"<sep>": 8100, "[EVENT]": 8101}""";

    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public AddedTokenTests()
    {
        _model = _folder.File("model");
        TinyFolder.Copy(Path.Combine(Snapshot.Repository(), "assets", "models", "t5-nano"), _model);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Tokenize_gives_their_ids_and_texts()
    {
        Write("added_tokens.json", AddedTokens);

        (await InProcess.RunWith("one <sep> two [EVENT]\n", "tokenize", "--model", _model)).Output.Should().Be("{\"ids\":[63,8100,158,8101,1]}\n");
        (await InProcess.RunWith("{\"ids\":[63,8100,158,8101,1]}\n", "tokenize", "--model", _model, "--decode")).Output
            .Should().Be("{\"text\":\"one <sep> two [EVENT] </s>\"}\n");
    }

    [Fact]
    public async Task They_can_be_label_words()
    {
        Write("added_tokens.json", AddedTokens);

        const string Row = "{\"text\": \"two brothers travel to paris .\"}\n";
        var byWord = await InProcess.RunWith(Row, "score", "--model", _model, "--labels", "<sep>,[EVENT]");
        var byId = await InProcess.RunWith(Row, "score", "--model", _model, "--label-ids", "[[8100,1],[8101,1]]");

        byWord.ShouldSucceed();
        byWord.Output.Should().Be(byId.Output).And.StartWith("{\"scores\":[");
    }

    [Fact]
    public async Task A_token_without_a_row_in_the_model_is_refused_by_name()
    {
        Write("added_tokens.json", """{"<sep>": 8127, "[EVENT]": 8128}""");

        (await InProcess.RunWith("{\"text\": \"a\"}\n", "score", "--model", _model, "--labels", "a,b")).ShouldBeRefused(
            "*the added token '[EVENT]' with the id 8128, but the model's config.json says vocab_size 8128*");
    }

    [Fact]
    public async Task A_run_and_its_prompt_tell_added_tokens_apart_and_a_tuned_model_keeps_them()
    {
        await Train("plain");
        TokenizerDigests("plain").Should().AllBe(PlainDigest);

        Write("added_tokens.json", AddedTokens);
        await Train("added", "--train-weights", "decoder.final_layer_norm");
        TokenizerDigests("added").Should().AllBe(TokenizerDigests("added")[0]).And.NotContain(PlainDigest);
        (await File.ReadAllTextAsync(_folder.File("added", "model", "added_tokens.json"),
            TestContext.Current.CancellationToken)).Should().Be(AddedTokens);

        (await InProcess.RunWith("{\"text\": \"fine\"}\n", "predict", _folder.File("plain"), "--input",
            "-")).ShouldBeRefused("*expected tokenizer sha256:1ab41c74f81a*");
    }

    [Fact]
    public async Task Remembered_rows_are_those_of_the_same_tokens()
    {
        var data = await Rows("train", "one <sep> two <sep> three", 0);
        await Train("plain");
        Write("added_tokens.json", AddedTokens);
        await Train("added");
        Write("tokenizer_config.json", """{"legacy": false}""");
        await Train("new");
        Write("tokenizer_config.json", "{}");
        await Train("again");

        TokenCount("added").Should().BeLessThan(TokenCount("plain"));
        TokenCount("new").Should().BeLessThan(TokenCount("plain"));
        TokenCount("again").Should().Be(TokenCount("added"));

        Task Train(string name) => TrainOn(data, name, "--label-words", "0=bad,1=good", "--epochs", "1");
    }

    [Fact]
    public async Task A_generated_label_word_may_be_a_special_token()
    {
        Write("tokenizer_config.json", """{"added_tokens_decoder": {"8100": {"content": "<sep>", "special": true}}}""");
        await TrainOn(
            await Rows("generated", "fine", 1), "run", "--label-words", "0=one,1=one <sep>", "--evaluation", "generate", "--method", "full",
            "--learning-rate", "0.001", "--epochs", "5");

        var predicted = JsonNode.Parse((await InProcess.Run("predict", _folder.File("run"), "fine")).Lines[0])!;
        predicted["prediction"]!.GetValue<string>().Should().Be("one <sep>");
    }

    [Fact]
    public async Task Legacy_false_is_another_tokenizer()
    {
        Write("tokenizer_config.json", """{"legacy": false}""");

        (await InProcess.RunWith("a<extra_id_0>b\n", "tokenize", "--model", _model)).Output.Should().Be("{\"ids\":[8,8099,118,1]}\n");
        await Train("run");
        TokenizerDigests("run").Should().AllBe(TokenizerDigests("run")[0]).And.NotContain(PlainDigest);
    }

    private async Task Train(string name, params string[] options) => (await InProcess.Run(
        ["train", "--task", "rotten-tomatoes", "--model", _model, "--few-shot", "2", "--validation-per-class", "2", "--epochs", "1",
            "--save-dir", _folder.Path, "--save-name", name, .. options])).ShouldSucceed();

    private async Task TrainOn(string data, string name, params string[] options) => (await InProcess.Run(
        ["train", "--data", data, "--template", "{text}", "--model", _model, "--validation-fraction", "0", "--prompt-length", "2",
            "--save-dir", _folder.Path, "--save-name", name, .. options])).ShouldSucceed();

    /// <summary>Eight rows of one text and label.</summary>
    private async Task<string> Rows(string name, string text, int label)
    {
        var row = new JsonObject { ["text"] = text, ["label"] = label }.ToJsonString();
        await File.WriteAllLinesAsync(_folder.File(name + ".jsonl"), Enumerable.Repeat(row, 8), TestContext.Current.CancellationToken);
        return _folder.File(name + ".jsonl");
    }

    private int TokenCount(string run) => File.ReadLines(_folder.File(run, "events.jsonl")).Select(line => JsonNode.Parse(line)!)
        .First(json => json["event"]!.GetValue<string>() == "step")["token_count"]!.GetValue<int>();

    /// <summary>The tokenizer's digest in run.json and, where there is a prompt, in its contract.</summary>
    private string[] TokenizerDigests(string run)
    {
        var record = JsonNode.Parse(File.ReadAllText(_folder.File(run, "run.json")))!["inputs"]!["tokenizer_digest"]!.GetValue<string>();
        var contract = JsonNode.Parse(File.ReadAllText(_folder.File(run, "adapter", "residual_prompt.json")))!["backbone"]!["tokenizer_digest"]!;
        return [record, contract.GetValue<string>().Replace("sha256:", "", StringComparison.Ordinal)];
    }

    private void Write(string name, string json) => File.WriteAllText(Path.Combine(_model, name), json);
}

using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

public sealed class ScoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_of_text_are_scored_and_continued_with_the_bundled_model()
    {
        var input = """{"text": "a dull , simple-minded film ."}""" + "\n" + """{"text": "wonderful"}""" + "\n";
        var result = await InProcess.RunWith(input, "score", "--model", "t5-nano", "--labels", "negative, positive", "--generate", "3");
        result.Error.Should().BeEmpty();
        result.Lines.Length.Should().Be(2);
        foreach (var line in result.Lines)
        {
            using var json = JsonDocument.Parse(line);
            json.RootElement.EnumerateObject().Select(property => property.Name).Should().Equal("scores", "generated_ids", "generated");
            json.RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble()).Should().HaveCount(2)
                .And.OnlyContain(score => score < 0);
            json.RootElement.GetProperty("generated").GetString().Should().NotContain("</s>");
        }
    }

    [Fact]
    public async Task A_folder_without_tokenizer_scores_ids_in_the_order_of_the_input()
    {
        WriteModel();
        string[] rows = [.. new[] { 3, 40, 1, 17, 9, 25 }.Select((length, i) =>
            $"{{\"input_ids\":[{string.Join(",", TinyT5.RandomIds(TinyT5.Version11, length + 1, i))}]}}")];
        string[] options = ["score", "--model", _folder.Path, "--label-ids", "[[5,1],[6,7,1]]", "--generate", "4", "--ignore-eos"];
        var together = await InProcess.RunWith(string.Join("\n", rows), options);
        together.Lines.Length.Should().Be(rows.Length);
        var reversed = await InProcess.RunWith(string.Join("\n", rows.Reverse()), options);
        foreach (var (line, other) in together.Lines.Zip(reversed.Lines.Reverse()))
        {
            using var first = JsonDocument.Parse(line);
            using var second = JsonDocument.Parse(other);
            first.RootElement.TryGetProperty("generated", out _).Should().BeFalse();
            Numbers(first, "generated_ids").Should().Equal(Numbers(second, "generated_ids")).And.HaveCount(4);
            Numbers(first, "scores").Zip(Numbers(second, "scores")).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        }

        Numbers(JsonDocument.Parse(together.Lines[0]), "scores").Should().NotEqual(Numbers(JsonDocument.Parse(together.Lines[1]), "scores"));
    }

    [Fact]
    public async Task The_same_prompt_as_npy_safetensors_and_adapter_gives_the_same_scores()
    {
        WriteModel();
        var adapter = Directory.CreateDirectory(_folder.File("adapter")).FullName;
        using (NewDisposeScope())
        {
            var rows = TinyT5.Weights(TinyT5.Version11, 4)["shared.weight"].narrow(0, 0, 8); // [8, H]; an adapter uses the first 4 of twice as many
            NpyFile.Write(_folder.File("prompt.npy"), rows.narrow(0, 0, 4));
            SafetensorsWriter.Write(_folder.File("prompt.safetensors"),
                new Dictionary<string, Tensor> { ["prompt_embeddings"] = rows.narrow(0, 0, 4) });
            SafetensorsWriter.Write(Path.Combine(adapter, "adapter_model.safetensors"),
                new Dictionary<string, Tensor> { ["prompt_embeddings"] = rows });
            File.WriteAllText(Path.Combine(adapter, "adapter_config.json"),
                """{"peft_type":"PROMPT_TUNING","task_type":"SEQ_2_SEQ_LM","num_virtual_tokens":4,"num_transformer_submodules":null}""");
        }

        var scores = new List<string>();
        foreach (var prompt in new[] { "prompt.npy", "prompt.safetensors", "adapter" })
            scores.Add((await Score("""{"input_ids":[5,6,1]}""", "--prompt", _folder.File(prompt))).Output);
        scores.Should().OnlyContain(output => output == scores[0] && output.StartsWith("{\"scores\":["));
        (await Score("""{"input_ids":[5,6,1]}""")).Output.Should().NotBe(scores[0]);
        (await Score("""{"input_ids":[]}""", "--prompt", _folder.File("prompt.npy"))).ExitCode.Should().Be(0);
    }

    [Theory]
    [InlineData("{\"input_ids\":[5,1]}\n{\"input_ids\":[96]}", "*standard input, line 2: token id 96*0 to 95*")]
    [InlineData("{\"input_ids\":[-1]}", "*line 1: token id -1*")]
    [InlineData("{\"input_ids\":[]}", "*line 1: 'input_ids' is empty*")]
    [InlineData("{\"input_ids\":\"5\"}", "*line 1: 'input_ids' is a text*")]
    [InlineData("{\"input_ids\":[5,1]}\n{\"input_ids\":[5,", "*line 2: not valid JSON*")]
    [InlineData("{\"text\":\"a\"}", "*no tokenizer*spiece.model*")]
    [InlineData("{}", "*no tokenizer*")]
    public async Task A_bad_row_is_named_and_nothing_is_written(string input, string message)
    {
        WriteModel();
        (await Score(input)).ShouldBeRefused(message);
    }

    [Fact]
    public async Task Damaged_weights_are_refused()
    {
        WriteModel();
        var path = _folder.File("model.safetensors");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, bytes[..^100], TestContext.Current.CancellationToken);
        (await Score("{}")).ShouldBeRefused("*model.safetensors*");
        await File.WriteAllBytesAsync(path, [255, 255, 255, 255, 255, 255, 255, 63, .. bytes[8..]], TestContext.Current.CancellationToken);
        (await Score("{}")).ShouldBeRefused("*model.safetensors*header*");
        File.Delete(path);
        (await Score("{}")).ShouldBeRefused("*model.safetensors*");
    }

    [Fact]
    public async Task Scores_that_are_no_numbers_are_refused()
    {
        using (NewDisposeScope())
        {
            var weights = TinyT5.Weights(TinyT5.Version11);
            weights["encoder.final_layer_norm.weight"].fill_(float.NaN);
            ModelFolder.Write(_folder.Path, TinyT5.Version11, weights);
        }

        (await Score("""{"input_ids":[5,6,1]}""")).ShouldBeRefused("*standard input, line 1: the scores are not finite*weights*prompt*");
        (await InProcess.RunWith("""{"input_ids":[5,6,1]}""", "score", "--model", _folder.Path, "--generate", "2"))
            .ShouldBeRefused("*standard input, line 1: the scores are not finite*weights*prompt*");
    }

    [Fact]
    public async Task A_label_may_begin_with_an_at_sign()
    {
        var result = await InProcess.RunWith("""{"text":"a"}""", "score", "--model", "t5-nano", "--labels", "@home,away");
        result.Error.Should().BeEmpty();
        result.Output.Should().StartWith("{\"scores\":[");
    }

    [Fact]
    public async Task An_input_that_needs_more_memory_than_there_is_fails_in_plain_words()
    {
        WriteModel();
        var row = $"{{\"input_ids\":[{string.Join(',', Enumerable.Repeat(5, 1_000_000))}]}}"; // attention weights of 16 TB
        var result = await Program.RunWith(row, "score", "--model", _folder.Path, "--label-ids", "[[5,1]]");
        result.ExitCode.Should().Be(1);
        result.Output.Should().BeEmpty();
        result.Error.Should().Match("error: Out of memory. Shorten the longest input*");
    }

    [Fact]
    public async Task A_config_that_contradicts_the_weights_is_refused()
    {
        WriteModel();
        _folder.Write("config.json", JsonSerializer.Serialize(
            ModelFolder.Json(TinyT5.Version11 with { FeedForwardSize = 30, EncoderLayerCount = 2 })));
        (await Score("{}")).ShouldBeRefused("*missing*encoder.block.1*misshapen*");
    }

    [Fact]
    public async Task A_tokenizer_that_does_not_belong_to_the_model_or_is_damaged_is_refused()
    {
        WriteModel();
        var spiece = Path.Combine(AppContext.BaseDirectory, "assets", "models", "t5-nano", "spiece.model");
        File.Copy(spiece, _folder.File("spiece.model"));
        (await Score("{}")).ShouldBeRefused("*8100 ids*vocab_size 96*");
        await File.WriteAllBytesAsync(_folder.File("spiece.model"),
            (await File.ReadAllBytesAsync(spiece, TestContext.Current.CancellationToken))[..5000], TestContext.Current.CancellationToken);
        (await Score("{}")).ShouldBeRefused("*spiece.model*");
    }

    [Fact]
    public async Task A_prompt_that_does_not_fit_is_refused()
    {
        WriteModel();
        using (NewDisposeScope())
        {
            NpyFile.Write(_folder.File("wide.npy"), zeros(3, 24));
            NpyFile.Write(_folder.File("nan.npy"), zeros(3, 20).index_fill(0, tensor(1L), float.NaN));
            NpyFile.Write(_folder.File("flat.npy"), zeros(20));
            SafetensorsWriter.Write(_folder.File("other.safetensors"), new Dictionary<string, Tensor> { ["rows"] = zeros(3, 20) });
            SafetensorsWriter.Write(_folder.File("whole.safetensors"),
                new Dictionary<string, Tensor> { ["prompt_embeddings"] = zeros(3, 20, ScalarType.Int64) });
        }

        _folder.Write("adapter_config.json", """{"peft_type":"LORA"}""");
        _folder.Write("text.txt", "");
        (await Score("{}", "--prompt", _folder.File("wide.npy"))).ShouldBeRefused("*24 wide*hidden size is 20*");
        (await Score("{}", "--prompt", _folder.File("nan.npy"))).ShouldBeRefused("*nan.npy: row 1*NaN*");
        (await Score("{}", "--prompt", _folder.File("flat.npy"))).ShouldBeRefused("*flat.npy*[P, H]*[20]*");
        (await Score("{}", "--prompt", _folder.File("other.safetensors"))).ShouldBeRefused("*prompt_embeddings*rows*");
        (await Score("{}", "--prompt", _folder.File("whole.safetensors"))).ShouldBeRefused("*prompt_embeddings*Int64*floating-point*");
        (await Score("{}", "--prompt", _folder.File("text.txt"))).ShouldBeRefused("*text.txt*not a prompt*");
        (await Score("{}", "--prompt", _folder.Path)).ShouldBeRefused("*peft_type is LORA*");
        _folder.Write("adapter_config.json", """{"peft_type":"\ud800"}""");
        (await Score("{}", "--prompt", _folder.Path)).ShouldBeRefused("*adapter_config.json: cannot be read as JSON*");
    }

    private static double[] Numbers(JsonDocument json, string name) =>
        [.. json.RootElement.GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    private void WriteModel()
    {
        using var scope = NewDisposeScope();
        ModelFolder.Write(_folder.Path, TinyT5.Version11, TinyT5.Weights(TinyT5.Version11));
    }

    private Task<ProgramResult> Score(string input, params string[] more) =>
        InProcess.RunWith(input, ["score", "--model", _folder.Path, "--label-ids", "[[5,1]]", .. more]);
}

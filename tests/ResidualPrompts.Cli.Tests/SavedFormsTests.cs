using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

/// <summary>One model, as transformers 4 and 5 save it: the bundled model with other keys in its config and another head.</summary>
public sealed class SavedFormsTests : IDisposable
{
    private const string Row = """{"text": "two brothers travel to paris ."}""";
    private static readonly double[] Own = [-8.0531, -9.0954];
    private static readonly double[] Unscaled = [-123.944, -140.622];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The head is the embedding matrix times the factor; 0 = there is none.</summary>
    [Theory]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":false}""", 0, false)]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":false}""", 1, false)]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":false}""", 0.0625, true)]
    [InlineData("""{"tie_word_embeddings":false}""", 1, false)]
    [InlineData("""{"tie_word_embeddings":false}""", 0.0625, true)]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":true}""", 0, true)]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":true}""", 1, true)]
    [InlineData("""{"tie_word_embeddings":false,"scale_decoder_outputs":true}""", 0, true)]
    [InlineData("""{"tie_word_embeddings":true,"scale_decoder_outputs":true}""", 16, false)]
    [InlineData("""{"model_type":"mt5","tie_word_embeddings":true}""", 1, false)]
    [InlineData("""{"model_type":"mt5","tie_word_embeddings":true}""", 0.0625, true)]
    [InlineData("""{"model_type":"mt5","tie_word_embeddings":false,"scale_decoder_outputs":true}""", 0.0625, true)]
    [InlineData("""{"eos_token_id":[1],"pad_token_id":[0],"decoder_start_token_id":null}""", 1, true)]
    public async Task A_folder_scores_what_its_keys_and_its_head_say(string keys, double factor, bool isOwn)
    {
        Write(keys, factor);
        string[] command = ["score", "--model", _folder.Path, "--labels", "negative,positive"];
        var other = ComputeChoice.ProductKernel is not null ? "libtorch" : ComputeChoice.CanBeManaged ? "managed" : "auto"; // than this process's
        foreach (var result in new[]
        {
            await InProcess.RunWith(Row, command),
            await Program.RunWith(Row, [.. command, "--compute", other]),
        })
        {
            result.Error.Should().BeEmpty();
            using var json = JsonDocument.Parse(result.Output);
            var scores = json.RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble());
            scores.Zip(isOwn ? Own : Unscaled, (found, expected) => Math.Abs(found - expected)).Max().Should().BeLessThan(isOwn ? 1e-3 : 1e-2);
        }
    }

    [Fact]
    public async Task An_adapter_names_the_class_that_reads_its_backbone()
    {
        Write("""{"model_type":"mt5","tie_word_embeddings":true}""", 0.0625);
        var trained = await InProcess.Run("train", "--task", "subj", "--model", _folder.Path, "--few-shot", "4", "--epochs", "1",
            "--prompt-length", "2", "--save-dir", _folder.File("runs"), "--save-name", "run");
        trained.ExitCode.Should().Be(0);
        (await File.ReadAllTextAsync(_folder.File("runs", "run", "adapter", "README.md"), TestContext.Current.CancellationToken))
            .Should().Contain("import AutoTokenizer, MT5ForConditionalGeneration").And.Contain("(MT5ForConditionalGeneration.from_pretrained(");
    }

    private void Write(string keys, double factor)
    {
        var nano = BundledModels.Locate("t5-nano");
        foreach (var file in new[] { "spiece.model", "tokenizer_config.json" })
            File.Copy(Path.Combine(nano, file), _folder.File(file));
        var config = JsonNode.Parse(File.ReadAllBytes(Path.Combine(nano, "config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(keys)!.AsObject())
            config[key] = value?.DeepClone();
        _folder.Write("config.json", config.ToJsonString());
        using var scope = NewDisposeScope();
        using var stored = SafetensorsFile.Open(Path.Combine(nano, "model.safetensors"));
        var weights = stored.Entries.Keys.ToDictionary(key => key, key => stored.Read(key, floatingType: null));
        if (factor != 0)
            weights["lm_head.weight"] = weights["shared.weight"].to_type(ScalarType.Float32) * factor;
        SafetensorsWriter.Write(_folder.File("model.safetensors"), weights);
    }
}

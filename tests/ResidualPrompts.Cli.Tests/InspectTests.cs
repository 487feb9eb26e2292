using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

public sealed class InspectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_shows_its_rows_folded_and_raw_and_how_far_both_moved()
    {
        await Train("mlp", "--reparameterization", "mlp", "--bottleneck-size", "4");
        var result = await InProcess.Run("inspect", _folder.File("mlp"), "--model", _folder.File("model"), "--json", "--nearest", "2");
        (result.ExitCode, result.Error).Should().Be((0, ""));
        using var json = JsonDocument.Parse(result.Lines.Single());
        var prompt = json.RootElement.GetProperty("prompts")[0];
        prompt.GetProperty("rows").GetArrayLength().Should().Be(10);
        json.RootElement.GetProperty("vocabulary").GetProperty("piece_count").GetInt32().Should().Be(96);
        using var scope = NewDisposeScope();
        using var kept = SafetensorsFile.Open(_folder.File("mlp", "prompt_rows.safetensors"));
        kept.Entries.Keys.Should().BeEquivalentTo("start", "start_raw", "raw");
        var folded = NpyFile.Read(_folder.File("mlp", "prompt.npy"));
        foreach (var (name, rows, start) in new[] { ("rows", folded, kept.Read("start")), ("raw_rows", kept.Read("raw"), kept.Read("start_raw")) })
        {
            var moved = (rows - start).square().sum(1).sqrt().data<float>().ToArray();
            prompt.GetProperty(name).EnumerateArray().Select(row => row.GetProperty("moved").GetDouble()).Zip(moved)
                .Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-5);
        }

        // A residual prompt begins at vocabulary rows: the raw start is among the embeddings.
        var embedding = TinyT5.Weights(TinyT5.Version11)["shared.weight"];
        for (var row = 0; row < 10; row++)
            (embedding - kept.Read("start_raw")[row]).square().sum(1).min().item<float>().Should().Be(0);
    }

    [Fact]
    public async Task The_model_is_that_of_the_first_prompt_which_names_one()
    {
        await Train("named");
        NpyPrompt("bare.npy", 3);
        var expected = await InProcess.Run("inspect", _folder.File("named"), "--model", _folder.File("model"), "--json");
        foreach (var path in new[] { _folder.File("named"), _folder.File("named", "adapter") })
        {
            var result = await InProcess.Run("inspect", path, "--json");
            (result.ExitCode, result.Error).Should().Be((0, ""));
            Nearest(result.Output).Should().Equal(Nearest(expected.Output));
        }

        (await InProcess.Run("inspect", _folder.File("bare.npy"), _folder.File("named"))).ExitCode.Should().Be(0);
        (await InProcess.Run("inspect", _folder.File("bare.npy"))).ShouldBeRefused("*--model is needed*bare.npy is not a run*");
    }

    /// <summary>The deviation is what a few lines of Python compute from the file: 11.862185…</summary>
    [Fact]
    public async Task A_model_shows_its_size_its_digests_and_the_scale_of_its_embeddings()
    {
        var text = await InProcess.Run("inspect", "t5-nano");
        text.ExitCode.Should().Be(0, text.Error);
        text.Output.Should().Contain("4 encoder and 2 decoder layers").And.Contain("embeddings: standard deviation 11.86;")
            .And.Contain("weights: sha256:650718576060").And.Contain("tokenizer: sha256:1ab41c74f81a");
        using var json = JsonDocument.Parse((await InProcess.Run("inspect", "t5-nano", "--json")).Output);
        json.RootElement.GetProperty("vocabulary").GetProperty("embedding_deviation").GetDouble().Should().Be(11.8622);
        json.RootElement.GetProperty("model").GetProperty("parameter_count").GetInt64().Should().Be(
            ValuesIn(Path.Combine(AppContext.BaseDirectory, "assets", "models", "t5-nano", "model.safetensors")));

        await Train("run");
        var folder = await InProcess.Run("inspect", _folder.File("model"), "--json");
        using var own = JsonDocument.Parse(folder.Output);
        own.RootElement.GetProperty("model").GetProperty("tokenizer_digest").ValueKind.Should().Be(JsonValueKind.Null);
        using var record = JsonDocument.Parse(File.ReadAllText(_folder.File("run", "run.json")));
        record.RootElement.GetProperty("inputs").GetProperty("embedding_deviation").GetDouble()
            .Should().Be(own.RootElement.GetProperty("vocabulary").GetProperty("embedding_deviation").GetDouble());
    }

    /// <summary>Number of values in a file.</summary>
    private static long ValuesIn(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Entries.Values.Sum(entry => entry.Shape.Aggregate(1L, (product, size) => product * size));
    }

    private static int[] Nearest(string output)
    {
        using var json = JsonDocument.Parse(output);
        return [.. json.RootElement.GetProperty("prompts")[0].GetProperty("rows").EnumerateArray()
            .Select(row => row.GetProperty("nearest_by_cosine")[0].GetProperty("id").GetInt32())];
    }

    [Fact]
    public async Task Several_prompts_have_a_matrix_of_similarity_and_a_picture()
    {
        await Train("plain");
        await Train("other", "--seed", "5");
        NpyPrompt("short.npy", 3);
        string[] prompts = [_folder.File("plain"), _folder.File("other", "adapter"), _folder.File("short.npy")];
        var text = await InProcess.Run(["inspect", .. prompts, "--model", _folder.File("model"), "--heat-map", _folder.File("map.svg")]);
        text.ExitCode.Should().Be(0, text.Error);
        text.Error.Should().StartWith("warning: ").And.Contain("short.npy' has no residual_prompt.json");
        text.Output.Should().Contain("nearest by cosine").And.Contain("cosine of the mean rows").And.NotContain("before the network");
        var svg = File.ReadAllText(_folder.File("map.svg"));
        svg.Should().StartWith("<?xml").And.Contain("DejaVu Sans").And.Contain("short.npy");
        var json = await InProcess.Run(["inspect", .. prompts, "--model", _folder.File("model"), "--json"]);
        using var parsed = JsonDocument.Parse(json.Output);
        var matrix = parsed.RootElement.GetProperty("similarity").GetProperty("cosine_of_means");
        matrix.EnumerateArray().Select((row, i) => row[i].GetDouble()).Should().OnlyContain(cosine => Math.Abs(cosine - 1) < 1e-6);
        // an adapter alone does not know
        parsed.RootElement.GetProperty("prompts")[1].GetProperty("rows")[0].GetProperty("moved").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_machine_without_fonts_draws_the_same_picture()
    {
        NpyPrompt("a.npy", 4);
        TinyFolder.WriteModel(_folder);
        var none = _folder.Write("fonts.conf", "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig></fontconfig>");
        string[] Command(string file) => ["inspect", _folder.File("a.npy"), "--model", _folder.File("model"), "--heat-map", _folder.File(file)];
        (await Program.Run(Command("with.png"))).ShouldSucceed();
        (await Program.Process.With("FONTCONFIG_FILE", none).Run(Command("without.png"))).ShouldSucceed();
        File.ReadAllBytes(_folder.File("without.png")).Should().Equal(File.ReadAllBytes(_folder.File("with.png")));
    }

    [Fact]
    public async Task Bad_options_are_refused()
    {
        NpyPrompt("a.npy", 4);
        TinyFolder.WriteModel(_folder);
        (await InProcess.Run("inspect", _folder.File("a.npy"), "--model", _folder.File("model"), "--nearest", "0"))
            .ShouldBeRefused("*--nearest is 0, expected 1 to 100*");
        (await InProcess.Run("inspect", _folder.File("a.npy"), "--model", _folder.File("model"), "--heat-map", "map.gif"))
            .ShouldBeRefused("*--heat-map is map.gif, expected a file that ends in .svg or .png*");
        (await InProcess.Run("inspect", _folder.File("nowhere"), "--model", _folder.File("model"))).ShouldBeRefused("*No prompt*nowhere*");
        (await InProcess.Run("inspect", _folder.File("a.npy"), "--model", "t5-nano")).ShouldBeRefused("*20 wide*hidden size is 256*");
    }

    private void NpyPrompt(string name, int rows)
    {
        using var scope = NewDisposeScope();
        NpyFile.Write(_folder.File(name), TinyT5.Weights(TinyT5.Version11, 4)["shared.weight"].narrow(0, 0, rows));
    }

    private async Task Train(string name, params string[] more)
    {
        string[] epochs = more.Contains("--epochs") ? [] : ["--epochs", "2"];
        var result = await InProcess.Run(["train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir",
            _folder.Path, "--save-name", name, .. epochs, .. more]);
        result.ExitCode.Should().Be(0, result.Error);
    }
}

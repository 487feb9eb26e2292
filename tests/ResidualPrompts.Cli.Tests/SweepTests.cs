using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Many runs from one file: what is planned, and what is deleted after it was shown.</summary>
public sealed class SweepTests : IDisposable
{
    private const string Base = "\"model\": \"model\", \"data\": \"rows\", \"epochs\": 1, \"prompt_length\": 2";
    private readonly TemporaryFolder _folder = new();

    public SweepTests()
    {
        TinyFolder.WriteModel(_folder);
        TinyFolder.WriteRows(_folder);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_plan_is_a_table_or_JSON_lines_and_writes_nothing()
    {
        var file = Write("[0, 1]");
        var before = TinyFolder.Files(_folder.Path);
        var table = (await InProcess.Run("sweep", "plan", file, "--quick")).ShouldSucceed();
        table.Output.Should().Contain("rows/plain-lr0.3-p2-s0").And.EndWith("2 runs in " + _folder.File("sweep") + ": 2 planned\n");
        var lines = (await InProcess.Run("sweep", "plan", file, "--json", "--quick")).ShouldSucceed().Lines.Select(Json).ToArray();
        lines.Should().HaveCount(3);
        lines[1].GetProperty("run").GetString().Should().Be("rows/plain-lr0.3-p2-s1");
        lines[1].GetProperty("settings").GetProperty("seed").GetInt32().Should().Be(1);
        lines[1].GetProperty("identity").GetString().Should().HaveLength(64);
        lines[2].GetProperty("states").GetProperty("planned").GetInt32().Should().Be(2);
        TinyFolder.Files(_folder.Path).Should().BeEquivalentTo(before);
    }

    [Fact]
    public async Task A_plan_estimates_what_is_left_from_a_run_of_each_kind()
    {
        var file = _folder.Write("sweep.json", $$"""
            {
              "base": { {{Base}} },
              "axes": { "reparameterization": ["none", "mlp"], "learning_rate": [0.1, 0.3], "bottleneck_size": [4] },
              "runs": [ { "model": "none" } ]
            }
            """);
        await Train("rows", "plain-lr0.1-p2-s0", "--learning-rate", "0.1");
        var before = TinyFolder.Files(_folder.Path);
        var result = (await InProcess.Run("sweep", "plan", file, "--json")).ShouldSucceed();
        var estimate = Json(result.Lines[^1]).GetProperty("estimate");
        estimate.GetProperty("runs").GetInt32().Should().Be(3, "one is finished, and one has no model");
        estimate.GetProperty("left_out").GetInt32().Should().Be(1);
        estimate.GetProperty("kinds").GetInt32().Should().Be(2);
        estimate.GetProperty("seconds").GetDouble().Should().BePositive();
        estimate.GetProperty("bytes").GetInt64().Should().BeGreaterThan(1000);
        TinyFolder.Files(_folder.Path).Should().BeEquivalentTo(before);
        (await InProcess.Run("sweep", "plan", file)).ShouldSucceed().Output.Should()
            .Contain("time    about ").And.Contain("for 3 runs, one after another")
            .And.Contain("disk    ").And.Contain("1 more run is not estimated");
    }

    [Fact]
    public async Task Clean_shows_what_the_file_no_longer_names_and_deletes_it_when_asked_to()
    {
        foreach (var seed in new[] { "0", "1" })
            await Train("rows", $"plain-lr0.3-p2-s{seed}", "--seed", seed);
        await Train("other", "mine", "--seed", "7");
        _folder.Write("sweep/rows/plain-lr0.3-p2-s0/notes.txt", "mine");
        var file = Write("[1]");
        var before = TinyFolder.Files(_folder.File("sweep"));
        var asked = await InProcess.Run("sweep", "clean", file);
        asked.ExitCode.Should().Be(ExitCode.BadInput);
        asked.Error.Should().Match("other/mine  finished*error: Nothing was deleted: *2 runs*--yes*");
        TinyFolder.Files(_folder.File("sweep")).Should().BeEquivalentTo(before);
        var result = (await InProcess.Run("sweep", "clean", file, "--yes")).ShouldSucceed();
        result.Lines.Should().Equal("other/mine  finished", "rows/plain-lr0.3-p2-s0  finished", "Deleted 2 runs.");
        Directory.Exists(_folder.File("sweep/other")).Should().BeFalse("nothing is left in it");
        Directory.GetFiles(_folder.File("sweep/rows/plain-lr0.3-p2-s0")).Select(Path.GetFileName).Should().Equal("notes.txt");
        (await InProcess.Run("sweep", "plan", file, "--quick")).ShouldSucceed().Output.Should().Contain(": 1 finished");
        (await InProcess.Run("sweep", "clean", file, "--yes")).ShouldSucceed().Output.Should().StartWith("Nothing to delete");
    }

    [Fact]
    public async Task Every_problem_of_a_file_is_one_line_with_its_place()
    {
        var file = _folder.Write("sweep.json", $$"""{ "base": { {{Base}}, "clip": 0 }, "seeds": [] }""");
        var result = await InProcess.Run("sweep", "plan", file, "--quick");
        result.ExitCode.Should().Be(ExitCode.BadInput);
        result.Error.Should().Contain($"{file}:1:").And.Contain("seeds: is empty");
        (await InProcess.Run("sweep", "plan", _folder.File("none.json"))).ShouldBeRefused("*none.json*");
    }

    [Theory]
    [InlineData("nano.json", 42, "42 planned")]
    [InlineData("paper.json", 480, "480 planned")]
    public async Task The_samples_are_planned(string name, int count, string sums)
    {
        var file = _folder.Write(name, File.ReadAllText(Path.Combine(Snapshot.Repository(), "samples", "sweeps", name)));
        var result = (await InProcess.Run("sweep", "plan", file, "--quick")).ShouldSucceed();
        result.Output.Should().Contain($"{count} runs in ").And.Contain(sums);
        if (name == "paper.json")
            result.Error.Should().Contain("shape:t5-base").And.Contain("shape:t5-large").And.Contain("boolq");
        else
            result.Error.Should().BeEmpty();
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    private string Write(string seeds) => _folder.Write("sweep.json", $$"""{ "base": { {{Base}} }, "seeds": {{seeds}} }""");

    private async Task Train(string folder, string name, params string[] more) => (await InProcess.Run(
        ["train", "--model", _folder.File("model"), "--data", _folder.File("rows"), "--epochs", "1", "--prompt-length", "2",
            "--save-dir", _folder.File($"sweep/{folder}"), "--save-name", name, .. more])).ShouldSucceed();
}

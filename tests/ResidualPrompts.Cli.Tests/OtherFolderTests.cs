using System.Text.Json.Nodes;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A run whose settings name files relative to the folder in which it was begun can be continued from any folder.</summary>
public sealed class OtherFolderTests : IDisposable
{
    private static readonly string[] Settings =
    [
        "train", "--model", "model", "--data", "rows", "--task", "task.json", "--prompt-init", "file:start.npy", "--prompt-length", "2",
        "--epochs", "1",
    ];

    private readonly TemporaryFolder _folder = new();

    public OtherFolderTests()
    {
        using var tiny = new TinyPrompts();
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(_folder.File("elsewhere"));
        TinyFolder.Copy(tiny.Model, Path.Combine(Home, "model"));
        var rows = Directory.CreateDirectory(Path.Combine(Home, "rows")).FullName;
        foreach (var (split, count) in new[] { ("train", 24), ("validation", 12) })
        {
            File.WriteAllLines(Path.Combine(rows, split + ".jsonl"),
                Enumerable.Range(0, count).Select(i => $$"""{"text":"{{split}} row {{i}}","label":"{{i % 2}}"}"""));
        }

        _folder.Write("home/task.json", """{"name":"mine","template":"{text}","label_words":{"0":"bad","1":"good"}}""");
    }

    private string Home => _folder.File("home");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_and_a_study_are_continued_from_another_folder()
    {
        var home = Program.Process.In(Home);
        (await home.Run([.. Settings[..^6], "--prompt-length", "2", "--epochs", "1", "--save-name", "first"])).ShouldSucceed();
        File.Copy(Path.Combine(Home, "runs", "first", "prompt.npy"), Path.Combine(Home, "start.npy"));
        (await home.Run([.. Settings, "--save-name", "run"])).ShouldSucceed();
        (await home.Run([.. Settings, "--save-name", "study", "--seeds", "3,5"])).ShouldSucceed();
        (await home.Run([.. Settings[..^1], "2", "--save-name", "whole"])).ShouldSucceed();

        (await home.Run("inspect", "runs/frist")).ShouldBeRefused("No prompt 'runs/frist'*Did you mean 'runs/first'?*");

        var elsewhere = Program.Process.In(_folder.File("elsewhere"));
        (await elsewhere.Run("train", "--resume", "../home/runs/run", "--epochs", "2")).ShouldSucceed();
        File.ReadAllBytes(Path.Combine(Home, "runs", "run", "prompt.npy"))
            .Should().Equal(File.ReadAllBytes(Path.Combine(Home, "runs", "whole", "prompt.npy")));
        var spec = JsonNode.Parse(File.ReadAllText(Path.Combine(Home, "runs", "run", "run.json")))!["spec"]!;
        new[] { "model", "data", "task" }.Select(key => spec[key]!.GetValue<string>()).Should().Equal("model", "rows", "task.json");
        (await elsewhere.Run("train", "--resume", "../home/runs/study", "--epochs", "2")).ShouldSucceed();
        (await elsewhere.Run("evaluate", "../home/runs/study")).ShouldSucceed();

        Directory.Move(Path.Combine(Home, "rows"), _folder.File("rows"));
        (await elsewhere.Run("train", "--resume", "../home/runs/run", "--epochs", "3")).ShouldBeRefused("*No data 'rows'*");
        TinyFolder.Copy(_folder.File("rows"), _folder.File("elsewhere", "rows"));
        (await elsewhere.Run("train", "--resume", "../home/runs/run", "--epochs", "3")).ShouldSucceed();
        File.AppendAllText(_folder.File("elsewhere", "rows", "train.jsonl"), """{"text":"one more","label":"0"}""" + "\n");
        (await elsewhere.Run("train", "--resume", "../home/runs/run", "--epochs", "4")).ShouldBeRefused("*train rows*are not the ones*");
    }

    [Fact]
    public async Task A_run_of_a_study_that_was_not_begun_finds_its_files_from_another_folder()
    {
        var home = Program.Process.In(Home);
        string[] settings = [.. Settings[..^6], "--prompt-length", "2", "--epochs", "1"];
        (await home.Run([.. settings, "--save-name", "study", "--seeds", "3,5"])).ShouldSucceed();
        var whole = File.ReadAllBytes(Path.Combine(Home, "runs", "study", "seed-5", "prompt.npy"));
        Directory.Delete(Path.Combine(Home, "runs", "study", "seed-5"), recursive: true);

        var elsewhere = Program.Process.In(_folder.File("elsewhere"));
        (await elsewhere.Run("train", "--resume", "../home/runs/study")).ShouldSucceed();

        File.ReadAllBytes(Path.Combine(Home, "runs", "study", "seed-5", "prompt.npy")).Should().Equal(whole);
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(Home, "runs", "study", "seed-5", "run.json")))!;
        new[] { "model", "data", "task" }.Select(key => record["spec"]![key]!.GetValue<string>()).Should().Equal("model", "rows", "task.json");
        record["inputs"]!["data_path"]!.GetValue<string>().Should().Be(Path.Combine(Home, "rows"));
    }

    [Fact]
    public async Task A_run_that_is_continued_where_it_was_begun_warns_in_the_same_words()
    {
        var home = Program.Process.In(Home);
        File.WriteAllText(Path.Combine(Home, "rows", "dev_subsample.jsonl"), "");
        string[] settings = [.. Settings[..^6], "--prompt-length", "2"];
        (await home.Run([.. settings, "--save-name", "whole", "--epochs", "2"])).ShouldSucceed();
        (await home.Run([.. settings, "--save-name", "grown", "--epochs", "1"])).ShouldSucceed();
        (await home.Run("train", "--resume", "runs/grown", "--epochs", "2")).ShouldSucceed();

        Warnings("grown").Should().Be(Warnings("whole")).And.Contain("dev_subsample.jsonl in rows is not read");

        string Warnings(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(Home, "runs", run, "run.json")))!["warnings"]!.ToJsonString();
    }

    [Fact]
    public async Task The_record_of_an_earlier_version_as_configuration_keeps_its_rule_for_held_out_rows()
    {
        var folder = _folder.File("old");
        string[] own = ["train", "--model", TinyFolder.WriteModel(_folder), "--data", _folder.Write("ids.jsonl", string.Concat(
            Enumerable.Range(0, 40).Select(i => $"{{\"input_ids\":[{4 + i},1],\"target_ids\":[{7 + (i % 2)},1]}}\n"))), "--epochs", "1",
            "--save-dir", _folder.Path];
        (await InProcess.Run([.. own, "--save-name", "old", "--seed", "4", "--split-seed", "4"])).ShouldSucceed();
        var record = Path.Combine(folder, "run.json");
        var json = JsonNode.Parse(File.ReadAllText(record))!;
        var held = json["inputs"]!["split_digests"]!["validation"]!.GetValue<string>();
        json["spec"]!.AsObject().Remove("split_seed");
        File.WriteAllText(record, json.ToJsonString());

        var again = await InProcess.Run("train", "--config", record, "--save-name", "again");
        again.ShouldSucceed().Error.Should().Contain("rows are held out by the seed, as in that run");
        Validation("again").Should().Be(held);
        JsonNode.Parse(File.ReadAllText(_folder.File("again", "run.json")))!["spec"]!.AsObject().ContainsKey("split_seed").Should().BeFalse();
        (await InProcess.Run("train", "--config", record, "--save-name", "own", "--split-seed", "0")).ShouldSucceed()
            .Error.Should().NotContain("held out by the seed");
        Validation("own").Should().NotBe(held);
    }

    private string Validation(string run) =>
        JsonNode.Parse(File.ReadAllText(_folder.File(run, "run.json")))!["inputs"]!["split_digests"]!["validation"]!.GetValue<string>();
}

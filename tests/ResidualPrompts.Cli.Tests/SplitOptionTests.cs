using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A file for each split on the command line.</summary>
public sealed class SplitOptionTests : IClassFixture<TinyPrompts>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TinyPrompts _model;

    public SplitOptionTests(TinyPrompts model)
    {
        _model = model;
        _folder.Write("rows.csv", "body,stars\n" + string.Concat(Enumerable.Range(0, 6).Select(i => $"warm {i},5\ndull {i},1\n")));
        Directory.CreateDirectory(_folder.File("other"));
        _folder.Write("other/rows.csv", "body,stars\nfine,5\npoor,1\nwarm 3,5\n");
        _folder.Write("test.jsonl", "{\"body\":\"good\",\"stars\":5}\n{\"stars\":1,\"body\":\"dull 2\"}\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_of_three_files_is_evaluated_and_shown()
    {
        var result = await InProcess.Run(
            "train", "--train", _folder.File("rows.csv"), "--validation", _folder.File("other", "rows.csv"),
            "--test-file", _folder.File("test.jsonl"),
            "--test", "--template", "review: {body}", "--label-words", "1=negative,5=positive", "--label-field", "stars", "--model", _model.Model,
            "--epochs", "1", "--prompt-length", "2", "--split-seed", "4", "--save-dir", _folder.File("runs"), "--save-name", "a");
        result.ExitCode.Should().Be(0, result.Error);
        result.Error.Should().Contain("1 of 3 validation texts are also training texts").And.Contain("1 of 2 test texts are also training texts");
        var run = _folder.File("runs", "a");
        (await Count("evaluate", run)).Should().Be(3);
        (await Count("evaluate", run, "--split", "test")).Should().Be(2);
        (await Count("evaluate", run, "--train", _folder.File("rows.csv"))).Should().Be(12, "one file says which split is meant");
        (await Count("evaluate", run, "--data", _folder.File("other", "rows.csv"), "--split", "validation")).Should().Be(3);
        var card = File.ReadAllText(Path.Combine(run, "adapter", "README.md"));
        card.Should().Contain("| train |").And.Contain("| test_file |").And.Contain("| split_seed | `4` |");
        var json = (await InProcess.Run("compare", run, "--json")).Output;
        json.Should().Contain("\"test_file\"").And.Contain("\"split_seed\"");
        var other = await InProcess.Run("evaluate", run, "--test-file", _folder.File("test.jsonl"), "--split", "train");
        (other.ExitCode, other.Error).Should().Be((2, $"error: There is no train split: only {_folder.File("test.jsonl")} is given.\n"));
    }

    [Fact]
    public async Task Data_check_counts_rows_that_splits_share_in_whatever_format()
    {
        var result = await InProcess.Run("data", "check", "--train", _folder.File("rows.csv"), "--test-file", _folder.File("test.jsonl"));
        result.ExitCode.Should().Be(0, result.Error);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        lines.Select(line => line.GetProperty("split").GetString()).Should().Equal("train", "test");
        lines.Select(line => line.GetProperty("rows").GetInt32()).Should().Equal(12, 2);
        lines.Select(line => line.GetProperty("shared").GetInt32()).Should().Equal(0, 1);
        var nothing = await InProcess.Run("data", "check");
        nothing.ExitCode.Should().Be(2);
        nothing.Error.Should().Contain("There is no data to check");
    }

    [Fact]
    public async Task Tasks_show_and_score_take_a_file_of_a_split()
    {
        var rows = _folder.Write("subj.csv", "sentence,label\na warm film,0\nthey meet,1\n");
        var shown = await InProcess.Run("tasks", "show", "subj", "--test-file", rows);
        shown.ExitCode.Should().Be(0, shown.Error);
        shown.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().HaveCount(2);
        var predictions = _folder.Write("predictions.jsonl", "{\"prediction\":\"review\"}\n{\"prediction\":\"story\"}\n");
        (await Count("tasks", "score", "subj", "--test-file", rows, "--predictions", predictions)).Should().Be(2);
    }

    [Fact]
    public async Task A_missing_file_is_named_before_anything_is_loaded()
    {
        var result = await InProcess.Run(
            "train", "--task", "subj", "--test-file", _folder.File("nothing.csv"), "--model", _model.Model, "--save-dir", _folder.File("runs"),
            "--save-name", "b");
        (result.ExitCode, result.Error).Should().Be((2, $"error: '{_folder.File("nothing.csv")}' cannot be the test split: no such file.\n"));
    }

    private static async Task<int> Count(params string[] arguments)
    {
        var result = await InProcess.Run(arguments);
        result.ExitCode.Should().Be(0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement.GetProperty("n").GetInt32();
    }
}

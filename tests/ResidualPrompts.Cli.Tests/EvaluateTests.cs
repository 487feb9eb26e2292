using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Statistics;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// <c>evaluate</c> gives one set of figures for a prompt, whatever its form, scores a model without one, and puts several runs in one table.
/// </summary>
public sealed class EvaluateTests(TinyPrompts tiny) : IClassFixture<TinyPrompts>, IDisposable
{
    private static readonly string[] OfTask = ["--task", "rotten-tomatoes"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_prompt_of_any_form_gives_the_figures_and_the_predictions_of_the_run_it_came_from()
    {
        await Train("run", "--test", "--max-input-length", "20");
        var run = _folder.File("run");
        var adapter = _folder.File("adapter");
        TinyFolder.Copy(Path.Combine(run, "adapter"), adapter);
        var peft = _folder.File("peft");
        TinyFolder.Copy(Path.Combine(run, "adapter"), peft);
        File.Delete(Path.Combine(peft, "residual_prompt.json"));
        foreach (var split in new[] { "validation", "test" })
        {
            var expected = (await InProcess.Run("evaluate", run, "--split", split)).ShouldSucceed().Output;
            foreach (var (prompt, length) in new[]
            {
                (run, ""), (adapter, ""), (peft, "20"), (Path.Combine(run, "prompt.npy"), "20"),
            })
            {
                var file = _folder.File("predictions.jsonl");
                string[] cut = length.Length > 0 ? ["--max-input-length", length] : []; // without a contract the length is not known
                var found = (await InProcess.Run(
                    ["evaluate", "--model", tiny.Model, .. OfTask, "--data", Data, "--prompt", prompt, "--split", split,
                        "--predictions", file, .. cut]))
                    .ShouldSucceed();
                found.Output.Should().Be(expected, prompt);
                found.Error.Contains("has no residual_prompt.json").Should().Be(length.Length > 0);
                found.Error.Should().Contain("texts were cut to 17 tokens.");
                (await File.ReadAllBytesAsync(file, Stop))
                    .Should().Equal(await File.ReadAllBytesAsync(Path.Combine(run, "predictions", $"{split}.jsonl"), Stop), prompt);
            }
        }
    }

    [Fact]
    public async Task Every_metric_has_an_interval_with_its_rule_and_what_one_row_is_worth()
    {
        await Train("run", "--test");
        var result = JsonNode.Parse((await InProcess.Run("evaluate", _folder.File("run"), "--split", "test")).ShouldSucceed().Output)!;
        var interval = result["intervals"]!["accuracy"]!;
        var (n, accuracy) = (result["n"]!.GetValue<int>(), result["metrics"]!["accuracy"]!.GetValue<double>());
        var (low, high) = Wilson.Limits(accuracy, n);
        (interval["low"]!.GetValue<double>(), interval["high"]!.GetValue<double>(), interval["rule"]!.GetValue<string>())
            .Should().Be((low, high, "Wilson"));
        (interval["n"]!.GetValue<int>(), interval["clusters"]!.GetValue<int>()).Should().Be((n, n));
        interval["one_row"]!.GetValue<double>().Should().BeApproximately(1.0 / n, 1e-12);
        result["intervals"]!.AsObject().Select(metric => metric.Key).Should().Equal(result["metrics"]!.AsObject().Select(metric => metric.Key));
        File.ReadLines(_folder.File("run", "predictions", "test.jsonl")).Should().OnlyContain(line => line.Contains("\"row\":\""));
    }

    [Fact]
    public async Task Train_with_test_prints_the_constant_answer_and_the_untuned_model_beside_its_score()
    {
        var trained = await Train("run", "--test");
        var lines = trained.Lines.SkipWhile(line => !line.StartsWith("test ", StringComparison.Ordinal)).ToList();
        lines.Should().ContainSingle(line => line.StartsWith("constant ", StringComparison.Ordinal)).Which
            .Should().Be("constant       accuracy 66.7 %  (every answer \"negative\", the most frequent in training)"); // 8 of 12 rows
        var untuned = (await InProcess.Run(
            ["evaluate", "--model", tiny.Model, .. OfTask, "--data", Data, "--split", "test", "--max-input-length", "509"])).ShouldSucceed();
        var percent = (100 * Result(untuned.Output).Accuracy).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        lines.Should().Contain($"untuned        accuracy {percent} %  (the model before training, without a prompt)");
        var card = await File.ReadAllTextAsync(_folder.File("run", "adapter", "README.md"), Stop);
        card.Should().Contain("| test, constant answer | 12 | 66.7 % | 0 |").And.Contain($"| test, model without a prompt | 12 | {percent} % | ");
        (await InProcess.Run("compare", _folder.File("run"), "--json")).ShouldSucceed()
            .Output.Should().Contain("\"baselines\":{\"constant\":{\"result\":{\"n\":12,");
        (await Train("without")).Output.Should().NotContain("constant").And.NotContain("untuned");
    }

    [Fact]
    public async Task A_generated_answer_may_be_as_long_as_in_the_run()
    {
        await Train("run", "--evaluation", "generate", "--label-words", "0=negative,1=rather positive in the end");
        var expected = (await InProcess.Run("evaluate", _folder.File("run"))).ShouldSucceed();
        var words = new[] { "--label-words", "0=negative,1=rather positive in the end" };
        foreach (var prompt in new[] { _folder.File("run"), _folder.File("run", "prompt.npy") })
        {
            var file = _folder.File("predictions.jsonl");
            (await InProcess.Run(
                ["evaluate", "--model", tiny.Model, .. OfTask, "--data", Data, "--prompt", prompt, "--evaluation", "generate", .. words,
                    "--predictions", file])).ShouldSucceed().Output.Should().Be(expected.Output);
            (await File.ReadAllBytesAsync(file, Stop))
                .Should().Equal(await File.ReadAllBytesAsync(_folder.File("run", "predictions", "validation.jsonl"), Stop));
        }
    }

    [Fact]
    public async Task An_untuned_models_accuracy_is_that_of_the_labels_that_score_finds()
    {
        WriteData();
        var texts = string.Concat(Rows(200, 12).Select(row => JsonSerializer.Serialize(new { text = row.Text }) + "\n"));
        var scored = (await InProcess.RunWith(texts, "score", "--model", tiny.Model, "--labels", "negative,positive")).ShouldSucceed();
        var right = scored.Lines.Zip(Rows(200, 12)).Count(pair =>
        {
            var scores = JsonDocument.Parse(pair.First).RootElement.GetProperty("scores").EnumerateArray()
                .Select(score => score.GetDouble()).ToList();
            return scores.IndexOf(scores.Max()) == pair.Second.Label;
        });
        var result = (await InProcess.Run(
            ["evaluate", "--model", tiny.Model, .. OfTask, "--template", "{text}", "--data", Data, "--split", "test"])).ShouldSucceed();
        Result(result.Output).Accuracy.Should().Be(right / 12.0);
        result.Error.Should().NotContain("warning:");
    }

    [Fact]
    public async Task Rows_are_selected_as_a_run_selects_them_and_a_single_file_is_the_split()
    {
        await Train("run");
        File.Delete(Path.Combine(Data, "validation.jsonl"));
        await Train("held", writes: false);
        var heldOut = (await InProcess.Run("evaluate", _folder.File("held"))).ShouldSucceed();
        var found = (await InProcess.Run(
            ["evaluate", "--model", tiny.Model, .. OfTask, "--data", Data, "--prompt", _folder.File("held")])).ShouldSucceed();
        found.Output.Should().Be(heldOut.Output);
        found.Error.Should().Contain("has no validation split: 4 of 40 rows are held out for it.");
        var all = (await InProcess.Run(
            ["evaluate", "--model", tiny.Model, .. OfTask, "--data", Path.Combine(Data, "train.jsonl")])).ShouldSucceed();
        Result(all.Output).N.Should().Be(40);
    }

    [Fact]
    public async Task Rows_of_token_ids_need_no_task()
    {
        var (model, rows) = (TinyFolder.WriteModel(_folder), TinyFolder.WriteRows(_folder));
        (await InProcess.Run(
            "train", "--model", model, "--data", rows, "--epochs", "1", "--save-dir", _folder.Path, "--save-name", "ids")).ShouldSucceed();
        var expected = (await InProcess.Run("evaluate", _folder.File("ids"))).ShouldSucceed();
        (await InProcess.Run("evaluate", "--model", model, "--data", rows, "--prompt", _folder.File("ids"))).ShouldSucceed()
            .Output.Should().Be(expected.Output);
    }

    [Fact]
    public async Task A_prompt_is_scored_on_its_own_model_alone_and_a_changed_template_is_said()
    {
        await Train("run");
        string[] command = ["evaluate", "--model", _folder.File("other"), .. OfTask, "--data", Data, "--prompt", _folder.File("run")];
        TinyFolder.Copy(tiny.Model, _folder.File("other"));
        (await InProcess.Run(command)).ShouldSucceed();
        using (NewDisposeScope())
        {
            var config = Models.T5.T5Config.Load(tiny.Model);
            ModelFolder.Write(_folder.File("other"), config, TinyT5.Weights(config, seed: 77));
        }

        (await InProcess.Run(command)).ShouldBeRefused("The prompt * was trained on *; the model * is another one: *--allow-mismatch*");
        (await InProcess.Run([.. command, "--allow-mismatch"])).ShouldSucceed().Error.Should().Contain("warning: The prompt ");
        command[2] = tiny.Model;
        (await InProcess.Run([.. command, "--template", "{text} !"])).ShouldSucceed()
            .Error.Should().Contain("warning: The prompt was trained with the template ");
        (await InProcess.Run([.. command, "--label-words", "0=bad,1=good"])).ShouldSucceed()
            .Error.Should().Contain("warning: The prompt has learned to write negative, positive, not bad, good.");
    }

    [Fact]
    public async Task Several_runs_are_rows_of_one_table_with_the_figures_of_each()
    {
        await Train("a", "--seed", "1");
        await Train("b", "--seed", "2", "--method", "full", "--learning-rate", "0.001");
        var (a, b) = (_folder.File("a"), _folder.File("b"));
        var alone = new List<string>();
        foreach (var run in new[] { a, b })
            alone.Add((await InProcess.Run("evaluate", run, "--split", "test")).ShouldSucceed().Output.TrimEnd('\n'));
        var table = (await InProcess.Run("evaluate", a, b, a, "--split", "test")).ShouldSucceed();
        var rows = table.Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(cells => cells.Length > 1).ToArray();
        rows.Select(cells => cells[0]).Should().Equal("run", "a", "b");
        rows[0].Should().Equal("run", "n", "invalid", "accuracy");
        rows[1][3].Should().Be((100 * Result(alone[0]).Accuracy).ToString("0.0", System.Globalization.CultureInfo.InvariantCulture));
        var lines = (await InProcess.Run("evaluate", a, b, "--split", "test", "--json")).ShouldSucceed().Lines;
        lines.Should().Equal(new[] { a, b }.Zip(alone, (run, line) => $"{{\"run\":{JsonSerializer.Serialize(run)},{line[1..]}"));
    }

    [Fact]
    public async Task Runs_are_also_evaluated_together()
    {
        await Train("a", "--seed", "1");
        await Train("b", "--seed", "2");
        var (a, b) = (_folder.File("a"), _folder.File("b"));
        (await InProcess.Run("study", a, b, "--output", _folder.File("both"))).ShouldSucceed();
        var expected = (await InProcess.Run("evaluate", _folder.File("both"), "--split", "test", "--json", "--ensemble")).ShouldSucceed().Lines[^1];
        var lines = (await InProcess.Run("evaluate", a, b, "--split", "test", "--json", "--ensemble")).ShouldSucceed().Lines;
        lines.Should().HaveCount(3);
        lines[2][lines[2].IndexOf("\"n\"", StringComparison.Ordinal)..].Should().Be(expected[expected.IndexOf("\"n\"", StringComparison.Ordinal)..]);
        lines[2].Should().StartWith($"{{\"ensemble\":{JsonSerializer.Serialize(new[] { a, b })},");
        (await InProcess.Run("evaluate", a, b, "--split", "test", "--ensemble")).ShouldSucceed().Output.Should().Contain("ensemble");
        (await InProcess.Run("evaluate", a, "--ensemble")).ShouldBeRefused("--ensemble needs several runs*");
    }

    [Fact]
    public async Task A_missing_run_is_refused_before_anything_is_computed_and_a_failing_one_leaves_the_others()
    {
        await Train("a");
        var (a, ids) = (_folder.File("a"), _folder.File("ids"));
        var (model, rows) = (TinyFolder.WriteModel(_folder), TinyFolder.WriteRows(_folder));
        (await InProcess.Run(
            "train", "--model", model, "--data", rows, "--epochs", "1", "--save-dir", _folder.Path, "--save-name", "ids")).ShouldSucceed();
        (await InProcess.Run("evaluate", a, _folder.File("none"), ids)).ShouldBeRefused("'*none' is not a run directory*");
        TinyFolder.WriteRows(_folder, validation: 14);
        var result = await InProcess.Run("evaluate", ids, a, "--json");
        result.ExitCode.Should().Be(2);
        result.Error.Should().Contain("error: The data of ").And.Contain("has changed since the run was trained");
        result.Lines.Should().ContainSingle().Which.Should().StartWith($"{{\"run\":{JsonSerializer.Serialize(a)},");
    }

    [Fact]
    public async Task What_does_not_belong_together_is_refused()
    {
        await Train("run");
        var run = _folder.File("run");
        foreach (var (arguments, message) in new (string[], string)[]
        {
            ([], "Nothing to evaluate: give run directories, or --model with --task.*"),
            ([run, "--model", tiny.Model], "Run directories and --model exclude each other*"),
            ([run, "--prompt", run], "--prompt needs --model, which is not given*"),
            ([run, "--template", "{text}"], "--template needs --model, which is not given*"),
            (["--model", tiny.Model], "--model needs --task *"),
            (["--model", tiny.Model, "--task", "nonsense"], "*nonsense*"),
            (["--model", tiny.Model, .. OfTask, "--data", Data, "--max-input-length", "4", "--prompt", run],
                "--max-input-length is 4, expected at least 5: the prompt's 3, a token and </s>.*"),
            (["--model", tiny.Model, .. OfTask, "--data", Data, "--prompt", _folder.File("none.npy")], "*none.npy*"),
            (["--model", tiny.Model, "--data", Data], "*template and label words*"),
            ([run, _folder.File("other"), "--predictions", _folder.File("p.jsonl")], "--predictions is a file for one run*"),
            ([run, "--predictions", _folder.Path], "--predictions is *, which is a folder*"),
            ([run, "--predictions", _folder.File("none", "p.jsonl")], "--predictions is *, but its folder does not exist*"),
        })
            (await InProcess.Run(["evaluate", .. arguments])).ShouldBeRefused(message);
    }

    [Fact]
    public async Task Predict_does_not_take_a_run_a_folder_or_a_file_for_a_text()
    {
        await Train("run");
        var run = _folder.File("run");
        (await InProcess.Run("predict", run, run)).ShouldBeRefused("'*run' is a run directory, not a text: predict takes one run*");
        (await InProcess.Run("predict", run, "a film", Data)).ShouldBeRefused("'*data' is a folder, not a text*");
        var file = Path.Combine(Data, "test.jsonl");
        (await InProcess.Run("predict", run, file)).ShouldBeRefused("'*test.jsonl' is a file, not a text: *--input FILE*");
        (await InProcess.Run("predict", run, "--", file)).ShouldSucceed().Lines.Should().ContainSingle();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Data => _folder.File("data");

    private static IEnumerable<(string Text, int Label)> Rows(int from, int count) => Enumerable.Range(from, count).Select(i =>
        ($"{(i % 3 == 0 ? "a moving" : "a dull")} film number {i}{string.Concat(Enumerable.Repeat(" and so on", i % 5))}", i % 3 == 0 ? 1 : 0));

    private static (int N, double Accuracy) Result(string json)
    {
        var root = JsonDocument.Parse(json).RootElement;
        return (root.GetProperty("n").GetInt32(), root.GetProperty("metrics").GetProperty("accuracy").GetDouble());
    }

    private void WriteData()
    {
        Directory.CreateDirectory(Data);
        foreach (var (name, from, count) in new[] { ("train", 0, 40), ("validation", 100, 15), ("test", 200, 12) })
        {
            File.WriteAllLines(Path.Combine(Data, $"{name}.jsonl"),
                Rows(from, count).Select(row => JsonSerializer.Serialize(new { text = row.Text, label = row.Label })));
        }
    }

    private Task<ProgramResult> Train(string name, params string[] more) => Train(name, writes: true, more);

    private async Task<ProgramResult> Train(string name, bool writes, params string[] more)
    {
        if (writes)
            WriteData();
        return (await InProcess.Run(
            ["train", .. OfTask, "--data", Data, "--model", tiny.Model, "--prompt-length", "3", "--epochs", "2", "--save-dir", _folder.Path,
                "--save-name", name, .. more])).ShouldSucceed();
    }
}

using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_originals_command_ends_in_a_folded_prompt_that_predicts()
    {
        var result = await InProcess.Run(
            "train", "--task", "wsc", "--prefix_MLP", "MLP1", "--lr", "0.3", "--freeze_weights", "1", "--freeze_except", "xxxx", "--model_name",
            "t5-nano", "--early_stopping", "1",
            "--test_eval_after_every_task", "1", "--select_k_per_class", "12", "--batch_size", "8", "--num_epochs", "1", "--prefix_len", "10",
                "--save_dir", _folder.File("%u", "my_dir") + "/", "--save_name", "my_model_folder");
        result.Error.Should().Contain("The test rows have no labels");
        result.ExitCode.Should().Be(0);
        var run = _folder.File(Environment.UserName, "my_dir", "my_model_folder");
        TinyFolder.Files(run).Should().BeEquivalentTo(
            "run.json", "state.json", "events.jsonl", "metrics.csv", "prompt.npy", "adapter/adapter_config.json", "adapter/adapter_model.safetensors",
            "adapter/residual_prompt.json", "adapter/README.md", "prompt_rows.safetensors",
            "predictions/validation.jsonl", "predictions/test.jsonl", "checkpoint/state.safetensors");
        (await File.ReadAllLinesAsync(Path.Combine(run, "predictions", "validation.jsonl"), TestContext.Current.CancellationToken))
            .Length.Should().Be(104);
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(run, "run.json"), TestContext.Current.CancellationToken));
        record.RootElement.GetProperty("status").GetString().Should().Be("finished");
        record.RootElement.GetProperty("result").GetProperty("trained_parameters").GetInt64().Should().Be(2560 + (2 * 256 * 800) + 800 + 256 + 512);
        record.RootElement.GetProperty("inputs").GetProperty("train_indices").GetArrayLength().Should().Be(12);
        using (NewDisposeScope())
        {
            using var adapter = SafetensorsFile.Open(Path.Combine(run, "adapter", "adapter_model.safetensors"));
            TensorAssert.Equal(adapter.Read("prompt_embeddings"), NpyFile.Read(Path.Combine(run, "prompt.npy")));
            adapter.Entries.Keys.Should().Equal("prompt_embeddings");
        }

        var input = _folder.Write("row.jsonl",
            """{"text": "Ann called Sue because she was late.", "target": {"span1_text": "Ann", "span1_index": """
            + """0, "span2_text": "she", "span2_index": 4}}""");
        var predicted = await InProcess.Run("predict", run, "--input", input);
        predicted.Lines.Single().Should().Contain("\"generated\":").And.Contain("\"invalid\":").And.Contain("\"reference\":null");
        (await InProcess.Run("predict", run, "a bare text")).ShouldBeRefused("*several fields*");
    }

    [Theory]
    [InlineData("0", "xxxx")]
    [InlineData("1", "layer_norm")]
    public async Task A_run_that_trained_weights_predicts_as_its_model_scores(string frozen, string except)
    {
        string[] tuning = frozen == "0" ? ["--freeze_weights", "0"] : ["--freeze_weights", frozen, "--freeze_except", except];
        (await InProcess.Run([.. Options("run"), "--epochs", "2", .. tuning])).ShouldSucceed();
        var (run, rows) = (_folder.File("run"), _folder.File("rows", "validation.jsonl"));
        string[] prompt = frozen == "0" ? [] : ["--prompt", run];
        (await InProcess.Run("evaluate", run)).Output.Should().StartWith("{\"n\":12,");
        var predicted = await InProcess.Run("predict", run, "--input", rows);
        var scored = await InProcess.Run(["score", "--model", run, .. prompt, "--label-ids", TinyFolder.LabelIds, "--input", rows]);
        predicted.Lines.Select(Scores).Should().BeEquivalentTo(scored.Lines.Select(Scores), compare => compare.WithStrictOrdering());
        (await InProcess.Run(["score", "--model", Path.Combine(run, "model"), .. prompt, "--label-ids", TinyFolder.LabelIds, "--input", rows]))
            .Output.Should().Be(scored.Output);
    }

    [Fact]
    public async Task An_existing_run_is_never_touched_unasked()
    {
        var options = Options("run");
        (await InProcess.Run([.. options, "--epochs", "1"])).ExitCode.Should().Be(0);
        var record = await File.ReadAllTextAsync(_folder.File("run", "run.json"), TestContext.Current.CancellationToken);
        (await InProcess.Run([.. options, "--epochs", "1"])).ShouldBeRefused("*exists*--resume*--overwrite*");
        (await InProcess.Run([.. options, "--epochs", "2", "--seed", "5", "--resume"])).ShouldBeRefused("*epochs, seed changed*");
        (await InProcess.Run([.. options, "--epochs", "1", "--resume"])).ExitCode.Should().Be(0);
        (await InProcess.Run([.. options, "--epochs", "1", "--resume", "--overwrite"])).ShouldBeRefused("*exclude each other*");
        (await File.ReadAllTextAsync(_folder.File("run", "run.json"), TestContext.Current.CancellationToken)).Should().Be(record);
        (await InProcess.Run([.. options, "--epochs", "2", "--overwrite"])).ExitCode.Should().Be(0);
        (await File.ReadAllLinesAsync(_folder.File("run", "metrics.csv"), TestContext.Current.CancellationToken)).Length.Should().Be(3);
    }

    [Fact]
    public async Task A_run_made_with_relative_paths_is_used_from_any_folder()
    {
        TinyFolder.WriteModel(_folder);
        TinyFolder.WriteRows(_folder);
        string[] train = ["train", "--model", "model", "--data", "rows", "--save-dir", ".", "--save-name", "run", "--epochs", "1"];
        (await Program.Process.In(_folder.Path).Run(train)).ShouldSucceed();
        (await InProcess.Run("evaluate", _folder.File("run"))).Output.Should().StartWith("{\"n\":12,");
    }

    [Fact]
    public async Task Named_options_win_over_a_configuration_file()
    {
        var config = _folder.Write("spec.json", """{"epochs": 3, "batch_size": 20, "skip": true}""");
        (await InProcess.Run([.. Options("run"), "--config", config, "--epochs", "1"])).ExitCode.Should().Be(0);
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.File("run", "run.json"), TestContext.Current.CancellationToken));
        var spec = record.RootElement.GetProperty("spec");
        (spec.GetProperty("epochs").GetInt32(), spec.GetProperty("batch_size").GetInt32()).Should().Be((1, 20));
        var wrong = _folder.Write("wrong.json", """{"epoch": 3}""");
        (await InProcess.Run([.. Options("other"), "--config", wrong]))
            .ShouldBeRefused("*wrong.json: unknown setting 'epoch'; did you mean 'epochs'?*");
    }

    [Fact]
    public async Task The_originals_values_are_understood_and_win_over_a_configuration_file_where_they_are_the_defaults()
    {
        var config = _folder.Write("spec.json", """{"reparameterization": "mlp", "bottleneck_size": 8, "skip": false, "few_shot": 2}""");
        var result = await InProcess.Run([.. Options("run"), "--config", config, "--residual", "1", "--select_k_per_class", "-1", "--nonlinearity",
            "sigm", "--num_epochs", "1"]);
        result.ExitCode.Should().Be(0, result.Error);
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.File("run", "run.json"), TestContext.Current.CancellationToken));
        var spec = record.RootElement.GetProperty("spec");
        spec.GetProperty("skip").GetBoolean().Should().BeTrue();
        spec.GetProperty("few_shot").ValueKind.Should().Be(JsonValueKind.Null);
        spec.GetProperty("nonlinearity").GetString().Should().Be("sigmoid");
    }

    [Fact]
    public async Task The_learning_rate_too_high_by_far_ends_with_the_likely_cause()
    {
        var result = await InProcess.Run([.. Options("run"), "--learning-rate", "3e38", "--weight-decay", "0", "--epochs", "2"]);
        result.ExitCode.Should().Be(1);
        result.Error.Should().Contain("at step").And.Contain("learning rate 3e+38").And.Contain("checkpoint").And.NotContain("   at ")
            .And.NotContain("unexpected");
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.File("run", "run.json"), TestContext.Current.CancellationToken));
        record.RootElement.GetProperty("status").GetString().Should().Be("failed");
    }

    [Theory]
    [InlineData("*No task 'subjj'*subj*", "--task", "subjj", "--model", "t5-nano")]
    [InlineData("*No model 't5-base'*t5-nano*", "--task", "subj")]
    [InlineData("*--prompt-length*--prefix_len*same thing*", "--task", "subj", "--model", "t5-nano", "--prompt-length", "5", "--prefix_len", "5")]
    [InlineData("*mixed.jsonl, line 2*no field 'input_ids'*", "--data", "MIXED", "--model", "t5-nano", "--validation-fraction", "0")]
    [InlineData("*validation.jsonl, line 2*'label' is ''*not a label*", "--data", "UNLABELLED", "--model", "t5-nano", "--template", "{text}",
        "--label-words", "0=bad,1=good")]
    [InlineData("*--no-skip*--residual*same thing*", "--task", "subj", "--prefix_MLP", "MLP1", "--no-skip", "--residual", "1")]
    [InlineData("*--nonlinearity is sine, expected relu, tanh, sigmoid*", "--task", "subj", "--prefix_MLP", "MLP1", "--nonlinearity", "sine")]
    [InlineData("*--prefix_MLP is MLP9, expected None, MLP1*", "--task", "subj", "--prefix_MLP", "MLP9")]
    [InlineData("*--train-weights*", "--task", "subj", "--model", "t5-nano", "--train-weights", "nonsense")]
    [InlineData("*--epochs is five, expected a whole number*", "--task", "subj", "--epochs", "five")]
    [InlineData("*--epochs is 0*--learning-rate is -1*", "--task", "subj", "--epochs", "0", "--learning-rate", "-1")]
    [InlineData("*needs a template and label words*", "--data", "DATA", "--model", "t5-nano")]
    [InlineData("*--template*character 9*", "--data", "DATA", "--model", "t5-nano", "--template", "review: {text", "--label-words", "0=bad,1=good")]
    [InlineData("*no field 'nothing'*'text'*", "--data", "DATA", "--model", "t5-nano", "--template", "{nothing}", "--label-words", "0=bad,1=good")]
    [InlineData("*line 2*'label' is '1', which is not a label*", "--data", "DATA", "--model", "t5-nano", "--template", "{text}", "--label-words",
        "0=bad,2=good")]
    [InlineData("*same tokens*", "--data", "DATA", "--model", "t5-nano", "--template", "{text}", "--label-words", "0=bad,1=bad </s>")]
    [InlineData("*cannot be written*", "--task", "subj", "--model", "t5-nano", "--save-dir", "/proc/nowhere")]
    [InlineData("*holds no rows*", "--data", "EMPTY", "--model", "t5-nano", "--template", "{text}", "--label-words", "0=bad,1=good")]
    public async Task Bad_input_is_one_message_and_makes_no_run(string message, params string[] options)
    {
        var data = _folder.Write("data.jsonl", "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"b\", \"label\": 1}\n");
        var empty = _folder.Write("empty.jsonl", "\n");
        var mixed = _folder.Write("mixed.jsonl", "{\"input_ids\": [5, 1], \"target_ids\": [7, 1]}\n{\"text\": \"b\", \"target_ids\": [7, 1]}\n");
        var unlabelled = _folder.File("unlabelled");
        Directory.CreateDirectory(unlabelled);
        File.Copy(data, Path.Combine(unlabelled, "train.jsonl"));
        _folder.Write("unlabelled/validation.jsonl", "{\"text\": \"a\", \"label\": 0}\n{\"text\": \"b\", \"label\": \"\"}\n");
        string[] place = options.Contains("--save-dir") ? [] : ["--save-dir", _folder.File("runs")];
        var result = await InProcess.Run(["train", "--save-name", "run", .. place, .. options.Select(option =>
            option switch { "DATA" => data, "EMPTY" => empty, "MIXED" => mixed, "UNLABELLED" => unlabelled, _ => option })]);
        result.ShouldBeRefused(message);
        Directory.Exists(_folder.File("runs")).Should().BeFalse();
    }

    [Fact]
    public async Task A_second_process_is_told_who_holds_the_run()
    {
        var first = Program.Run([.. Options("run"), "--epochs", "2000"]);
        while (!File.Exists(_folder.File("run", "events.jsonl")))
            await Task.Delay(50, TestContext.Current.CancellationToken);
        var second = await InProcess.Run([.. Options("run"), "--epochs", "2000", "--resume"]);
        second.ShouldBeRefused("*in use by process * on *");
        Program.Signal(_folder.File("run"), "TERM");
        (await first).ExitCode.Should().Be(130);
    }

    [Fact]
    public async Task A_second_process_is_told_who_holds_the_study()
    {
        string[] study = [.. Options("study"), "--epochs", "2000", "--seeds", "1,2"];
        var first = Program.Run(study);
        while (!File.Exists(_folder.File("study", "seed-1", "events.jsonl")))
            await Task.Delay(50, TestContext.Current.CancellationToken);
        foreach (var mode in new[] { "--resume", "--overwrite" })
        {
            var second = await InProcess.Run([.. study, mode]);
            second.ExitCode.Should().Be(2);
            second.Error.Should().MatchRegex("error: '.*study' is in use by process [0-9]+ on .+, since 20");
        }

        Program.Signal(_folder.File("study", "seed-1"), "TERM");
        (await first).ExitCode.Should().Be(130);
    }

    private static double[] Scores(string line) =>
        [.. JsonDocument.Parse(line).RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble())];

    private string[] Options(string name) =>
        ["train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path, "--save-name",
            name];
}

using System.Text.Json;
using ResidualPrompts.Adapters;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Predictions;

/// <summary>A finished run is opened on the model and the data that it was trained on, evaluates and predicts.</summary>
public sealed class TrainedRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Run => _folder.File("run");

    [Fact]
    public void A_users_own_data_trains_evaluates_and_predicts()
    {
        var rows = string.Concat(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? "\"a great, warm film\",5\n" : "a dull film,1\n"));
        var spec = TextSpec with
        {
            Data = _folder.Write("own.csv", "body,stars\n" + rows),
            Template = "review: {body}",
            LabelWords = "1=negative,5=positive",
            LabelField = "stars",
            Epochs = 4,
        };
        TinyRun.Train(spec).Notes.Should().Contain(note => note.Contains("has no validation split: 2 of 20 rows are held out for it."));
        using var run = TinyRun.Open(Run);
        var evaluated = run.Evaluate(DataSplit.Validation);
        (evaluated.N, evaluated.Metrics["accuracy"]).Should().Be((2, 1.0));
        run.Predict([run.Rows.RowOf("a great, warm film", 1, 0), run.Rows.RowOf("a dull film", 2, 1)]).Select(prediction => prediction.Predicted)
            .Should().Equal("positive", "negative");
    }

    [Fact]
    public void A_task_file_trains_and_its_run_needs_it_no_more()
    {
        var rows = string.Concat(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? "\"a great, warm film\",5\n" : "a dull film,1\n"));
        _folder.Write("reviews.csv", "body,stars\n" + rows);
        var file = _folder.Write("my-task.json",
            """{"template":"review: {body}","label_words":{"1":"negative","5":"positive"},"label_field":"stars","data":"reviews.csv"}""");
        TinyRun.Train(TextSpec with { Task = file, Epochs = 4 });
        File.Delete(file);
        TrainedRun.SettingsOf(Run).Data.Should().Be(_folder.File("reviews.csv"));
        using var run = TinyRun.Open(Run);
        run.Predict([run.Rows.RowOf("a great, warm film", 1, 0), run.Rows.RowOf("a dull film", 2, 1)]).Select(prediction => prediction.Predicted)
            .Should().Equal("positive", "negative");
        run.Evaluate(DataSplit.Validation).N.Should().Be(2);
        run.Invoking(own => SubmissionZip.Add(own, _folder.File("all.zip"))).Should().Throw<InputException>()
            .WithMessage("No leaderboard takes predictions of task my-task*");
    }

    [Fact]
    public void Rows_with_candidates_of_their_own_are_trained_scored_and_submitted()
    {
        string Row(int i) =>
            $$"""{"passage":"Ann met Bob in Rome.","query":"@placeholder met Bob """
                + $$"""({{i}})","entities":["Ann","Bob","Rome"],"answers":["Ann"],"idx":{"passage":0,"query":{{i}} } }""";
        var data = Directory.CreateDirectory(_folder.File("record")).FullName;
        foreach (var (name, count) in new[] { ("train", 8), ("validation", 3), ("test", 2) })
            File.WriteAllLines(Path.Combine(data, name + ".jsonl"), Enumerable.Range(0, count).Select(Row));
        var trained = TinyRun.Train(TextSpec with { Task = "record", Data = data, Test = true }).Result;
        trained.Validation!.Metrics.Keys.Should().Equal("aggregate", "em", "f1");
        (trained.Validation.N, trained.Validation.Invalid).Should().Be((3, 0));
        File.ReadLines(_folder.File("run", "predictions", "validation.jsonl")).Should().HaveCount(3)
            .And.OnlyContain(line => line.Contains("\"reference\":\"Ann\""));
        using var run = TinyRun.Open(Run);
        run.Evaluate(DataSplit.Validation).Metrics.Should().Equal(trained.Validation.Metrics);
        var added = SubmissionZip.Add(run, _folder.File("all.zip"));
        (added.FileName, added.Count, added.InvalidCount).Should().Be(("ReCoRD.jsonl", 2, 0));
        added.Missing.Should().Equal(
            "BoolQ.jsonl", "CB.jsonl", "COPA.jsonl", "MultiRC.jsonl", "RTE.jsonl", "WiC.jsonl", "WSC.jsonl", "AX-b.jsonl", "AX-g.jsonl");
    }

    [Fact]
    public void A_prompt_is_evaluated_on_another_task_of_the_same_words_and_on_no_other()
    {
        string[] words = ["entailment", "not_entailment"];
        var data = Directory.CreateDirectory(_folder.File("rte")).FullName;
        File.WriteAllLines(
            Path.Combine(data, "train.jsonl"), Enumerable.Range(0, 20)
                .Select(i => $$"""{"premise":"p {{i}}","hypothesis":"h","label":"{{words[i % 2]}}"}"""));
        var diagnostics = _folder.Write(
            "ax.jsonl", string.Join('\n', Enumerable.Range(0, 4)
                .Select(i => $$"""{"idx":"{{i}}","sentence1":"p","sentence2":"h","label":"{{words[i % 2]}}"}""")));
        using var run = TinyRun.TrainAndOpen(TextSpec with { Task = "rte_superglue", Data = data });
        var evaluated = run.Evaluate(DataSplit.Test, "ax-b", diagnostics);
        (evaluated.N, evaluated.Invalid, evaluated.Metrics["matthews"]).Should().Be((4, 0, 0.0));
        var added = SubmissionZip.Add(run, _folder.File("all.zip"), "ax-b", diagnostics);
        (added.FileName, added.Count, added.InvalidCount).Should().Be(("AX-b.jsonl", 4, 0));
        added.Missing.Should().HaveCount(9).And.NotContain("AX-b.jsonl").And.NotContain(file => file.EndsWith(".tsv"));
        run.Invoking(own => own.Evaluate(DataSplit.Validation, "copa", null)).Should().Throw<RunException>()
            .WithMessage("*has learned to write entailment, not_entailment, but the labels of task copa are false, true.*");
    }

    [Fact]
    public void The_originals_definition_trains_and_scores_as_the_original_does_and_is_not_submitted()
    {
        var trained = TinyRun.Train(TextSpec with { Task = "wsc", Compat = Compatibility.Original, FewShot = 4 }).Result;
        (trained.Validation!.N, trained.Validation.Invalid).Should().Be((38, 0)); // it passes over rows whose pronoun refers to something else
        using var run = TinyRun.Open(Run);
        run.Invoking(own => SubmissionZip.Add(own, _folder.File("all.zip"))).Should().Throw<InputException>();
        File.Exists(_folder.File("all.zip")).Should().BeFalse();
    }

    [Fact]
    public void A_run_on_token_ids_says_that_it_needs_them()
    {
        using var run = TinyRun.TrainAndOpen(TinyRun.Spec(_folder));
        run.Invoking(own => own.Rows.RowOf("a bare text", 1, 0)).Should().Throw<RunException>().WithMessage("*trained on token ids*input_ids*");
    }

    [Fact]
    public void A_run_is_evaluated_on_its_own_data_only()
    {
        using var run = TinyRun.TrainAndOpen(TinyRun.Spec(_folder));
        run.Evaluate(DataSplit.Validation).N.Should().Be(12);
        run.Invoking(own => own.Evaluate(DataSplit.Test)).Should().Throw<RunException>();
        TinyFolder.WriteRows(_folder, validation: 14);
        run.Invoking(own => own.Evaluate(DataSplit.Validation)).Should().Throw<RunException>().WithMessage("*has changed since the run was trained*");
    }

    [Fact]
    public void A_prompt_is_used_on_another_model_only_when_that_is_allowed_and_with_a_warning()
    {
        TinyRun.Train(TinyRun.Spec(_folder));
        TinyFolder.WriteModel(_folder, seed: 2);
        FluentActions.Invoking(() => TinyRun.Open(Run)).Should().Throw<InputException>()
            .WithMessage($"The prompt '*adapter' was trained on {_folder.File("model")}; the model * is another one: expected weights sha256:*…, "
                + $"found sha256:*…*");
        using var run = TinyRun.Open(Run, allowMismatch: true);
        run.Warnings.Should().ContainSingle().Which.Should().Match("The prompt *is another one: expected weights sha256:*");
        run.Evaluate(DataSplit.Validation).N.Should().Be(12);
    }

    [Fact]
    public void Scores_that_are_no_numbers_never_become_the_first_label()
    {
        TinyRun.Train(TinyRun.Spec(_folder));
        using (NewDisposeScope())
        {
            var weights = TinyT5.Weights(TinyT5.Version11);
            weights["decoder.final_layer_norm.weight"].fill_(float.NaN);
            ModelFolder.Write(_folder.File("model"), TinyT5.Version11, weights);
        }

        using var run = TinyRun.Open(Run, allowMismatch: true);
        var rows = _folder.File("rows", "validation.jsonl");
        foreach (var use in new Action[] { () => run.Evaluate(DataSplit.Validation), () => _ = run.Predict(run.Rows.Read(rows)).ToList() })
            use.Should().Throw<InputException>().WithMessage("*.jsonl, line 1: the scores are not finite: *");
    }

    [Fact]
    public void A_prompt_without_a_contract_is_used_with_a_warning_and_one_with_a_wrong_contract_is_not()
    {
        TinyRun.Train(TinyRun.Spec(_folder));
        var contract = _folder.File("run", "adapter", "residual_prompt.json");
        File.WriteAllText(contract, File.ReadAllText(contract)
            .Replace("\"num_virtual_tokens\": 10", "\"num_virtual_tokens\": 9", StringComparison.Ordinal));
        FluentActions.Invoking(() => TinyRun.Open(Run)).Should().Throw<InputException>()
            .WithMessage("*residual_prompt.json describes a prompt [9, 20], but beside it is one of [10, 20]*");
        File.Delete(contract);
        using var run = TinyRun.Open(Run);
        run.Warnings.Should().ContainSingle().Which.Should().Match("*adapter' has no residual_prompt.json*is not checked.");
        run.Evaluate(DataSplit.Validation).N.Should().Be(12);
    }

    [Fact]
    public void The_same_model_in_another_form_is_the_same_model()
    {
        TinyRun.Train(TinyRun.Spec(_folder));
        using (NewDisposeScope())
        {
            var halves = TinyT5.Weights(TinyT5.Version11).ToDictionary(pair => pair.Key, pair => pair.Value.to_type(ScalarType.BFloat16));
            ModelFolder.Write(_folder.File("model"), TinyT5.Version11, halves);
        }

        using var run = TinyRun.Open(Run);
        run.Warnings.Should().BeEmpty();
    }

    [Fact]
    public void A_prompt_that_trained_with_weights_belongs_to_these()
    {
        using var run = TinyRun.TrainAndOpen(TinyRun.Spec(_folder) with { TrainWeights = "final_layer_norm" });
        run.Warnings.Should().BeEmpty();
        using var own = ModelCatalog.Load(_folder.File("run", "model"));
        using (var prompt = ReleasedPrompt.Load(_folder.File("run", "adapter"), own, _folder.File("run", "model")))
            prompt.Warnings.Should().BeEmpty();
        using var start = ModelCatalog.Load(_folder.File("model"));
        FluentActions.Invoking(() => ReleasedPrompt.Load(_folder.File("run", "adapter"), start, _folder.File("model")))
            .Should().Throw<InputException>()
            .WithMessage("*was trained on ../model;*");
    }

    [Fact]
    public void An_adapter_says_what_it_is_for()
    {
        TinyRun.Train(TextSpec with
        {
            Task = "rotten-tomatoes",
            FewShot = 4,
            ValidationPerClass = 4,
            Reparameterization = Reparameterization.Mlp,
            BottleneckSize = 8,
            Seed = 3,
        });
        var root = JsonDocument.Parse(File.ReadAllBytes(_folder.File("run", "adapter", "residual_prompt.json"))).RootElement;
        root.GetProperty("backbone").GetProperty("name").GetString().Should().Be("t5-nano");
        root.GetProperty("template").GetString().Should().Be("{text}");
        root.GetProperty("label_words").EnumerateArray().Select(label => label.GetProperty("word").GetString())
            .Should().Equal("negative", "positive");
        root.GetProperty("metric").GetProperty("split").GetString().Should().Be("validation");
        (root.GetProperty("task").GetString(), root.GetProperty("seed").GetInt64(), root.GetProperty("reparameterization").GetString())
            .Should().Be(("rotten-tomatoes", 3, "mlp"));
        File.ReadAllText(_folder.File("run", "adapter", "README.md")).Should().Contain("base_model: \"t5-nano\"")
            .And.Contain("| validation | 8 |").And.Contain("| bottleneck_size | `8` |").And.Contain("PeftModel.from_pretrained");
    }

    [Fact]
    public void A_run_that_is_not_finished_is_not_opened()
    {
        using var stop = new CancellationTokenSource();
        var observer = new RunObserver(OnEvent: _ => stop.Cancel());
        TinyRun.TrainUntil(stop, TinyRun.Spec(_folder), observer);
        FluentActions.Invoking(() => TinyRun.Open(Run)).Should().Throw<RunException>().WithMessage("*interrupted*");
        FluentActions.Invoking(() => TinyRun.Open(_folder.File("nowhere"))).Should().Throw<RunException>();
    }

    private RunSpec TextSpec => new() { Model = "t5-nano", Epochs = 1, SaveDir = _folder.Path, SaveName = "run" };
}

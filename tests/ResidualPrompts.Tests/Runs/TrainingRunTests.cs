using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Runs;

/// <summary>What a run writes, and what it never touches.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Run => _folder.File("run");

    [Fact]
    public void Full_model_tuning_saves_a_model_all_of_whose_weights_have_moved()
    {
        TinyRun.Train(TinyRun.Spec(_folder) with { Method = TuningMethod.Full, Epochs = 2 });
        TinyFolder.Files(Run).Should().BeEquivalentTo(
            "run.json", "state.json", "events.jsonl", "metrics.csv", "model/config.json", "model/model.safetensors", "predictions/validation.jsonl");
        CompareWeights((weight, before, name) => TensorAssert.Differ(weight, before, 1e-7, name));
    }

    /// <summary>Keys of the config, and whether the checkpoint has a head, before the run; then the flags of the saved config.</summary>
    [Theory]
    [InlineData("t5", "true", "false", false, "false", "false")]
    [InlineData("t5", "true", "false", true, "false", "false")]
    [InlineData("t5", "true", "true", false, "true", "true")]
    [InlineData("t5", "true", "true", true, "false", "false")] // scaled with a head of its own: the factor goes into the head
    [InlineData("t5", "true", null, false, "true", null)]
    [InlineData("t5", "false", null, true, "false", null)]
    [InlineData("mt5", "true", null, true, "false", null)]
    [InlineData("mt5", "true", null, false, "false", null)]
    [InlineData("umt5", "true", null, true, "false", null)]
    public void A_fully_tuned_model_in_any_form_is_read_back_as_the_model_that_trained(
        string family, string tie, string? scale, bool hasHead, string savedTie, string? savedScale)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.UMT5 with { Family = Enum.Parse<T5Family>(family, ignoreCase: true) };
        var spec = TinyRun.Spec(_folder) with { Method = TuningMethod.Full, Epochs = 2, Model = TinyFolder.WriteModel(_folder, config: config) };
        if (!hasHead)
        {
            var weights = TinyT5.Weights(config);
            weights.Remove("lm_head.weight");
            SafetensorsWriter.Write(Path.Combine(spec.Model, "model.safetensors"), weights);
        }

        var json = ModelFolder.Json(config);
        json["tie_word_embeddings"] = tie == "true";
        if (scale is not null)
            json["scale_decoder_outputs"] = scale == "true";
        File.WriteAllText(Path.Combine(spec.Model, "config.json"), JsonSerializer.Serialize(json));
        var completed = TinyRun.Train(spec);

        using var saved = JsonDocument.Parse(File.ReadAllBytes(_folder.File("run", "model", "config.json")));
        saved.RootElement.GetProperty("tie_word_embeddings").GetRawText().Should().Be(savedTie);
        (saved.RootElement.TryGetProperty("scale_decoder_outputs", out var key) ? key.GetRawText() : null).Should().Be(savedScale);
        saved.RootElement.GetProperty("model_type").GetString().Should().Be(family);
        using (var file = SafetensorsFile.Open(_folder.File("run", "model", "model.safetensors")))
            file.Entries.ContainsKey("lm_head.weight").Should().Be(savedTie == "false");
        using (var run = TinyRun.Open(_folder.File("run")))
            run.Evaluate(ResidualPrompts.Data.DataSplit.Validation).Metrics.Should().Equal(completed.Result.Validation!.Metrics);
        using (var source = T5Model.Load(spec.Model))
        using (var after = T5Model.Load(_folder.File("run", "model")))
        {
            double[][] recorded = [.. Numbers(_folder.File("run", "predictions", "validation.jsonl"), "scores")];
            var inputs = Numbers(_folder.File("rows", "validation.jsonl"), "input_ids")
                .Select(ids => new EncodedExample([.. ids.Select(id => (int)id)]));
            var scored = new PromptScorer(after).Score(
                inputs, new ScoringRequest([[7, 1], [8, 9, 1]], null), TestContext.Current.CancellationToken).ToArray();
            recorded.Length.Should().Be(12);
            foreach (var (row, scores) in scored.Zip(recorded))
                row.Scores!.Zip(scores, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4);
            after.Config.HasBiasInEveryLayer.Should().Be(family == "umt5");
            foreach (var (name, weight) in source.Weights)
                TensorAssert.Differ(after.Weights[name], weight, 1e-7, name);
        }

        static IEnumerable<double[]> Numbers(string path, string key) => File.ReadLines(path).Select(line =>
            JsonDocument.Parse(line).RootElement.GetProperty(key).EnumerateArray().Select(number => number.GetDouble()).ToArray());
    }

    [Fact]
    public void Partial_tuning_saves_a_model_and_a_prompt_and_leaves_other_weights_alone()
    {
        TinyRun.Train(TinyRun.Spec(_folder) with { TrainWeights = "layer_norm", Epochs = 2 });
        TinyFolder.Files(Run).Should().Contain(["model/model.safetensors", "adapter/adapter_model.safetensors", "prompt.npy"]);
        CompareWeights((weight, before, name) =>
        {
            if (name.Contains("layer_norm"))
                TensorAssert.Differ(weight, before, 1e-5, name);
            else
                TensorAssert.Equal(weight, before, name);
        });
    }

    [Fact]
    public void An_existing_run_is_never_touched_unasked()
    {
        var spec = TinyRun.Spec(_folder);
        TinyRun.Train(spec);
        var record = File.ReadAllText(_folder.File("run", "run.json"));
        Refused(spec, RunMode.New).WithMessage("*exists*");
        Refused(spec with { Epochs = 2, Seed = 5 }, RunMode.Resume).WithMessage("*epochs, seed changed*");
        TinyRun.Train(spec, RunMode.Resume).Result.Steps.Should().BePositive();
        File.ReadAllText(_folder.File("run", "run.json")).Should().Be(record);
        TinyRun.Train(spec with { Epochs = 2 }, RunMode.Overwrite);
        File.ReadAllLines(_folder.File("run", "metrics.csv")).Length.Should().Be(3);
    }

    [Fact]
    public void The_record_is_there_before_any_other_file_so_that_a_run_that_ended_at_its_start_goes_on()
    {
        var inTheWay = Directory.CreateDirectory(_folder.File("run", "prompt_rows.safetensors"));
        FluentActions.Invoking(() => TinyRun.Train(TinyRun.Spec(_folder), RunMode.Resume)).Should().Throw<Exception>();
        TinyFolder.Files(Run).Should().BeEquivalentTo("run.json", "state.json");
        inTheWay.Delete();
        TinyRun.Train(TinyRun.Spec(_folder), RunMode.Resume).Result.Steps.Should().BePositive();
    }

    [Theory]
    [InlineData(RunMode.Resume)]
    [InlineData(RunMode.Overwrite)]
    public void Files_that_no_record_speaks_for_are_neither_gone_on_from_nor_removed(RunMode mode)
    {
        var spec = TinyRun.Spec(_folder);
        TinyRun.Train(spec);
        File.Delete(_folder.File("run", "run.json"));
        Refused(spec with { Seed = 7 }, mode).WithMessage("*no run.json*");
        TinyFolder.Files(Run).Should().Contain("checkpoint/state.safetensors").And.NotContain("run.json").And.NotContain("run.lock");
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_with_the_likely_cause_and_a_record_that_says_so()
    {
        FluentActions.Invoking(() => TinyRun.Train(TinyRun.Spec(_folder) with { LearningRate = 3e38, WeightDecay = 0, Epochs = 2 }))
            .Should().Throw<TrainingDivergedException>().WithMessage("*at step*learning rate 3*checkpoint*");
        Record().GetProperty("status").GetString().Should().Be("failed");
    }

    [Fact]
    public void A_run_in_use_is_refused_to_a_second_and_left_as_it_is()
    {
        var refused = 0;
        TinyRun.Train(TinyRun.Spec(_folder), observer: new RunObserver(OnEvent: _ =>
        {
            Refused(TinyRun.Spec(_folder), RunMode.Resume).WithMessage("*in use by process*");
            refused++;
        })).Notes.Should().BeEmpty();
        refused.Should().BeGreaterThan(5);
        TinyFolder.Files(Run).Should().NotContain("run.lock");
    }

    [Fact]
    public void A_display_that_throws_is_dropped_and_the_run_ends_as_it_would()
    {
        var outcome = TinyRun.Train(TinyRun.Spec(_folder),
            observer: new RunObserver(OnEvent: _ => throw new InvalidOperationException("no terminal")));
        outcome.Result.Steps.Should().BePositive();
        outcome.Notes.Should().ContainSingle().Which.Should().Contain("no terminal");
    }

    [Theory]
    [InlineData("*line 2*no field 'input_ids'*", "{\"input_ids\": [5, 1], \"target_ids\": [7, 1]}\n{\"text\": \"b\", \"target_ids\": [7, 1]}\n")]
    [InlineData("*line 1*token id 96*", "{\"input_ids\": [96, 1], \"target_ids\": [7, 1]}\n")]
    public void Rows_that_cannot_train_make_no_run(string message, string rows)
    {
        var spec = TinyRun.Spec(_folder) with { Data = _folder.Write("bad.jsonl", rows), ValidationFraction = 0 };
        FluentActions.Invoking(() => TinyRun.Train(spec)).Should().Throw<InputException>().WithMessage(message);
        Directory.Exists(Run).Should().BeFalse();
    }

    [Fact]
    public void Settings_that_make_no_sense_are_named_all_at_once_and_make_no_run()
    {
        var spec = TinyRun.Spec(_folder) with { Epochs = 0, LearningRate = -1 };
        spec.Validate().Select(problem => problem.Key).Should().BeEquivalentTo("epochs", "learning_rate");
        FluentActions.Invoking(() => TinyRun.Train(spec)).Should().Throw<RunSpecException>();
        FluentActions.Invoking(() => TinyRun.Train(TinyRun.Spec(_folder) with { TrainWeights = "nonsense" })).Should().Throw<RunSpecException>();
        Directory.Exists(Run).Should().BeFalse();
    }

    [Fact]
    public void A_residual_prompt_trains_its_network_and_releases_folded_rows()
    {
        var result = TinyRun.Train(TinyRun.Spec(_folder) with { Reparameterization = Reparameterization.Mlp, BottleneckSize = 8 }).Result;
        result.TrainedParameters.Should().Be((10 * 20) + (2 * 20 * 8) + 8 + 20 + 40); // rows, two matrices, their biases, gain and bias of the norm
        using var scope = NewDisposeScope();
        using var adapter = ResidualPrompts.Models.Weights.SafetensorsFile.Open(_folder.File("run", "adapter", "adapter_model.safetensors"));
        adapter.Entries.Keys.Should().Equal("prompt_embeddings");
        TensorAssert.Equal(adapter.Read("prompt_embeddings"), ResidualPrompts.Models.Weights.NpyFile.Read(_folder.File("run", "prompt.npy")));
        Record().GetProperty("status").GetString().Should().Be("finished");
    }

    private static AwesomeAssertions.Specialized.ExceptionAssertions<RunException> Refused(RunSpec spec, RunMode mode) =>
        FluentActions.Invoking(() => TinyRun.Train(spec, mode)).Should().Throw<RunException>();

    private JsonElement Record() => JsonDocument.Parse(File.ReadAllBytes(_folder.File("run", "run.json"))).RootElement;

    private void CompareWeights(Action<Tensor, Tensor, string> compare)
    {
        using var scope = NewDisposeScope();
        using var before = T5Model.Load(_folder.File("model"));
        using var after = T5Model.Load(_folder.File("run", "model"));
        after.Weights.Keys.Should().BeEquivalentTo(before.Weights.Keys);
        foreach (var (name, weight) in after.Weights)
            compare(weight, before.Weights[name], name);
    }
}

using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Predictions;

/// <summary>Several runs predict as one, by the mean of their probabilities.</summary>
public sealed class EnsembleTests(EnsembleTests.ThreeSeeds trained) : IClassFixture<EnsembleTests.ThreeSeeds>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_label_is_that_of_the_mean_of_the_probabilities_whatever_the_order_of_the_runs()
    {
        var rows = trained.Rows(1500);
        var alone = trained.Seeds.Select(run => Predicted([run], rows)).ToArray();
        var together = Predicted(trained.Seeds, rows);
        Texts(Predicted([.. trained.Seeds.Reverse()], rows)).Should().Equal(Texts(together));
        together.Should().HaveCount(1500);
        var disagreements = 0;
        for (var row = 0; row < together.Count; row++)
        {
            double[] means = [0, 0];
            foreach (var scores in alone.Select(ofRun => ofRun[row].Scores!))
            {
                var (first, second) = (Math.Exp(scores[0] - scores.Max()), Math.Exp(scores[1] - scores.Max()));
                (means[0], means[1]) = (means[0] + (first / (first + second)), means[1] + (second / (first + second)));
            }

            together[row].Predicted.Should().Be(means[1] > means[0] ? "8 1" : "7 1");
            together[row].Scores!.Select(Math.Exp).Sum().Should().BeApproximately(1, 1e-12);
            Math.Exp(together[row].Scores![0]).Should().BeApproximately(means[0] / 3, 1e-12);
            disagreements += alone.Select(ofRun => ofRun[row].Predicted).Distinct().Count() - 1;
        }

        disagreements.Should().BePositive("else the runs would be no test of their mean");
    }

    [Fact]
    public void An_ensemble_of_one_is_the_run()
    {
        var rows = trained.Rows(20);
        using var run = TrainedRun.Open(trained.Seeds[1]);
        Texts(Predicted([trained.Seeds[1]], rows)).Should().Equal(Texts([.. run.Predict(rows)]));
        using var one = TrainedRun.Open([trained.Seeds[1]]);
        JsonNode.DeepEquals(one.Identity(), run.Identity()).Should().BeTrue();
    }

    [Fact]
    public void It_is_evaluated_on_the_rows_that_all_of_its_runs_had()
    {
        using var run = TrainedRun.Open(trained.Seeds);
        var rows = ExampleRows(Path.Combine(trained.Data, "validation.jsonl"));
        var right = run.Predict(rows).Count(prediction => prediction.Predicted == prediction.Reference);
        var result = run.Evaluate(DataSplit.Validation);
        (result.N, result["accuracy"]).Should().Be((12, right / 12.0));
    }

    [Fact]
    public void Rows_that_a_run_held_out_do_not_judge_a_run_that_another_seed_gave_them_to()
    {
        var data = Directory.CreateDirectory(_folder.File("rows")).FullName;
        File.Copy(Path.Combine(trained.Data, "train.jsonl"), Path.Combine(data, "train.jsonl"));
        foreach (var seed in new[] { 1, 2 })
            TinyRun.Train(trained.Spec with
            {
                Data = data,
                Seed = seed,
                FewShot = 12,
                FewShotSeed = seed,
                ValidationPerClass = 4,
                SaveDir = _folder.Path,
                SaveName = $"run-{seed}"
            });
        using var run = TrainedRun.Open([_folder.File("run-1"), _folder.File("run-2")]);
        run.Invoking(both => both.Evaluate(DataSplit.Validation)).Should().Throw<RunException>()
            .WithMessage("The validation rows of*are not the same*held out*");
    }

    [Fact]
    public void A_prediction_file_names_every_run_and_does_not_continue_with_another()
    {
        string[] runs = [_folder.File("a"), _folder.File("b")];
        TinyFolder.Copy(trained.Seeds[0], runs[0]);
        TinyFolder.Copy(trained.Seeds[1], runs[1]);
        var input = Path.Combine(trained.Data, "validation.jsonl");
        var options = new PredictionJobOptions { Input = input, Output = _folder.File("out.jsonl"), Prefix = "model_" };
        using (var both = TrainedRun.Open(runs))
            Work(both, options).RowCount.Should().Be(12);
        var progress = JsonNode.Parse(File.ReadAllText(_folder.File("out.jsonl.progress.json")))!;
        progress["made"]!["run"]!["members"]!.AsArray().Select(member => member!["prompt"]!.GetValue<string>()).Should().OnlyHaveUniqueItems()
            .And.HaveCount(2);
        using (var both = TrainedRun.Open(runs))
            Work(both, options with { Mode = RunMode.Resume }).RowCount.Should().Be(12);
        using (var one = TrainedRun.Open(runs[0]))
            Refused(one);
        using (var other = TrainedRun.Open([runs[0], trained.Seeds[2]]))
            Refused(other);
        File.AppendAllText(Path.Combine(runs[1], "run.json"), "\n");
        using (var changed = TrainedRun.Open(runs))
            Refused(changed);

        void Refused(TrainedRun run) => run.Invoking(own => Work(own, options with { Mode = RunMode.Resume })).Should().Throw<RunException>()
            .WithMessage("*was begun with another run.");
    }

    [Fact]
    public void Runs_that_do_not_belong_together_are_refused_with_the_reason()
    {
        var other = _folder.File("other");
        TinyFolder.WriteModel(_folder, seed: 9);
        Refused("has another model than", trained.Spec with { Model = _folder.File("model") });
        Refused("has another length of texts than", trained.Spec with { PromptLength = 4 });
        Refused("generates its answers, which have no probabilities to average", trained.Spec with { Evaluation = EvaluationMode.Generate });
        File.WriteAllLines(_folder.File("more.jsonl"),
            [.. Enumerable.Range(0, 9).Select(i => $$"""{"input_ids":[5,{{i + 5}},1],"target_ids":[{{(i % 3) + 10}},1]}""")]);
        Refused("has another set of labels than", trained.Spec with { Data = _folder.File("more.jsonl") });
        FluentActions.Invoking(() => TrainedRun.Open([trained.Seeds[0], trained.Seeds[0]])).Should().Throw<RunException>()
            .WithMessage("*is given more than once*");
        FluentActions.Invoking(() => TrainedRun.Open([trained.Seeds[0], _folder.Path])).Should().Throw<RunException>()
            .WithMessage("*is not a run directory*");

        void Refused(string reason, RunSpec spec)
        {
            TinyRun.Train(spec with { SaveDir = _folder.Path, SaveName = "other" }, RunMode.Overwrite);
            FluentActions.Invoking(() => TrainedRun.Open([trained.Seeds[0], other])).Should().Throw<RunException>()
                .WithMessage($"'{other}' cannot predict together with other runs: it {reason}*");
        }
    }

    [Fact]
    public void Tuned_models_predict_together_each_with_its_own_weights()
    {
        foreach (var seed in new[] { 1, 2 })
            TinyRun.Train(trained.Spec with
            {
                Method = TuningMethod.Full,
                LearningRate = 0.01,
                Seed = seed,
                SaveDir = _folder.Path,
                SaveName = $"full-{seed}"
            });
        var rows = trained.Rows(10);
        string[] runs = [_folder.File("full-1"), _folder.File("full-2")];
        double[][] alone = [.. runs.Select(run => Predicted([run], rows).Select(FirstProbability).ToArray())];
        alone[0].Should().NotEqual(alone[1]);
        var together = Predicted(runs, rows).Select(FirstProbability).ToArray();
        for (var row = 0; row < rows.Length; row++)
            together[row].Should().BeApproximately((alone[0][row] + alone[1][row]) / 2, 1e-12);

        static double FirstProbability(Prediction prediction) => 1 / (1 + Math.Exp(prediction.Scores![1] - prediction.Scores![0]));
    }

    private static PredictionProgress Work(TrainedRun run, PredictionJobOptions options) =>
        PredictionJob.Run(run, options, cancellationToken: TestContext.Current.CancellationToken);

    private static Example[] ExampleRows(string path) => [.. ExampleFile.Read(path)];

    private static List<Prediction> Predicted(IReadOnlyList<string> runs, IReadOnlyList<Example> rows)
    {
        using var run = TrainedRun.Open(runs);
        return [.. run.Predict(rows)];
    }

    private static IEnumerable<string> Texts(IEnumerable<Prediction> predictions) =>
        predictions.Select(prediction => $"{prediction.Predicted} {string.Join(' ', prediction.Scores!.Select(score => score.ToString("R")))}");

    /// <summary>Three prompts of a tiny model that differ in their seeds alone.</summary>
    public sealed class ThreeSeeds : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public ThreeSeeds()
        {
            Spec = TinyRun.Spec(_folder) with { PromptLength = 2, Epochs = 3 };
            foreach (var file in Directory.EnumerateFiles(Data)) // labels of equal length, so that neither is likelier from the start
                File.WriteAllText(file, File.ReadAllText(file).Replace("target_ids\":[8,9,", "target_ids\":[8,", StringComparison.Ordinal));
            foreach (var seed in new[] { 2, 0, 10 })
                TinyRun.Train(Spec with { Seed = seed, SaveName = $"seed-{seed}" });
        }

        public RunSpec Spec { get; }

        public string Data => _folder.File("rows");

        public IReadOnlyList<string> Seeds => [_folder.File("seed-0"), _folder.File("seed-2"), _folder.File("seed-10")];

        public Example[] Rows(int count)
        {
            File.WriteAllLines(_folder.File("more.jsonl"), Enumerable.Range(0, count).Select(i =>
                $"{{\"input_ids\":[{string.Join(',', TinyT5.RandomIds(TinyT5.Version11, 3 + (i % 7), i))}]}}"));
            return ExampleRows(_folder.File("more.jsonl"));
        }

        public void Dispose() => _folder.Dispose();
    }
}

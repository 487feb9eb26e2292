using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Classification;
using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Studies;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Classification;

/// <summary>A trained prompt in two lines.</summary>
public sealed class PromptClassifierTests(PromptClassifierTests.TrainedPrompt trained) : IClassFixture<PromptClassifierTests.TrainedPrompt>
{
    private static readonly string[] Texts = ["a dull film", "moving , funny and well acted and so on and so on and so on and so on and so on", "x"];

    [Theory]
    [InlineData("run")]
    [InlineData("run/adapter")]
    [InlineData("copied")] // an adapter without its run
    [InlineData("full")]
    [InlineData("full/model")]
    public void Answers_are_those_of_predict(string path)
    {
        using var run = TrainedRun.Open(trained.File(path.StartsWith("full") ? "full" : "run"));
        var expected = run.Predict([.. Texts.Select((text, i) => run.Rows.RowOf(text, i + 1, i))]).ToList();
        using var classifier = PromptClassifier.Open(trained.File(path));
        classifier.Warnings.Should().BeEmpty();
        var answers = classifier.Predict(Texts);
        foreach (var (answer, prediction) in answers.Zip(expected))
        {
            answer.Scores.Should().Equal(prediction.Scores!);
            answer.Label.Should().Be(prediction.Predicted);
            answer.Labels.Should().Equal("bad", "good");
            answer.Probabilities.Should().Equal(Calibration.Probabilities(prediction.Scores!));
            answer.Probability.Should().Be(answer.Probabilities.Max());
        }

        var alone = classifier.Predict(Texts[0]);
        alone.Scores.Should().Equal(run.Predict([run.Rows.RowOf(Texts[0], 1, 0)]).Single().Scores!);
        classifier.Predict(Example.Of("text", Texts[0])).Should().BeEquivalentTo(alone);
        classifier.Predict(new Dictionary<string, string> { ["text"] = Texts[0], ["other"] = "" }).Should().BeEquivalentTo(alone);
    }

    [Theory]
    [InlineData("study", true)]
    [InlineData("study", false)] // as an earlier version left it
    [InlineData("tuned", true)]
    public void The_runs_of_a_study_answer_together_as_predict_does_or_one_alone(string name, bool hasFile)
    {
        using var folder = new TemporaryFolder();
        TinyFolder.Copy(trained.File(name), folder.File(name));
        if (hasFile)
            Study.Of(folder.File(name), [.. new[] { 3, 5 }.Select(seed => RunSummary.Read(folder.File(name, $"seed-{seed}")))]).Write();
        using var run = TrainedRun.Open(folder.File(name));
        var expected = run.Predict([.. Texts.Select((text, i) => run.Rows.RowOf(text, i + 1, i))]).ToList();
        using var classifier = PromptClassifier.Open(folder.File(name));
        classifier.Predict(Texts).Select(answer => answer.Scores).Should()
            .BeEquivalentTo(expected.Select(prediction => prediction.Scores), options => options.WithStrictOrdering());
        using var alone = PromptClassifier.Open(folder.File(name), new ClassifierOptions { Seed = 5 });
        using var own = PromptClassifier.Open(folder.File(name, "seed-5"));
        alone.Predict(Texts).Should().BeEquivalentTo(own.Predict(Texts));
        var other = () => PromptClassifier.Open(folder.File(name), new ClassifierOptions { Seed = 4 });
        other.Should().Throw<ClassificationException>().WithMessage("*no*one run with seed 4*");
        var notAStudy = () => PromptClassifier.Open(trained.File("run"), new ClassifierOptions { Seed = 4 });
        notAStudy.Should().Throw<ClassificationException>().WithMessage("*is not a study*");
    }

    [Fact]
    public void A_study_that_is_not_whole_or_whose_runs_do_not_fit_is_refused()
    {
        using var folder = new TemporaryFolder();
        TinyFolder.Copy(trained.File("study"), folder.File("study"));
        Study.Of(folder.File("study"), [.. new[] { 3, 5 }.Select(seed => RunSummary.Read(folder.File("study", $"seed-{seed}")))]).Write();
        var open = () => PromptClassifier.Open(folder.File("study"));
        var record = folder.File("study", "seed-5", "run.json");
        var text = File.ReadAllText(record);
        File.WriteAllText(record, text.Replace("\"epochs\": 1", "\"epochs\": 2"));
        open.Should().Throw<ClassificationException>().WithMessage("*run seed-5 was not trained with the study's epochs*");
        File.WriteAllText(record, text.Replace("\"finished\"", "\"running\""));
        open.Should().Throw<ClassificationException>().WithMessage("*seed-5*is running*");
        File.Delete(record);
        open.Should().Throw<ClassificationException>().WithMessage("*run seed-5 is missing*");
        File.WriteAllText(folder.File("study", "study.json"), "{\"runs\":3}");
        open.Should().Throw<ClassificationException>().WithMessage("*study.json is damaged*");
    }

    [Theory]
    [InlineData("adapter")]
    [InlineData("run")]
    public void Contract_and_rows_are_of_one_version_also_where_another_one_is_written_meanwhile(string kind)
    {
        using var folder = new TemporaryFolder();
        foreach (var file in Directory.GetFiles(trained.File("run"), "*", SearchOption.AllDirectories))
        {
            var copy = folder.File("run", Path.GetRelativePath(trained.File("run"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var adapter = folder.File("run", "adapter");
        if (kind == "adapter")
            Directory.Move(adapter, adapter = folder.File("copied"));
        var source = ClassifierSource.Find(kind == "adapter" ? adapter : folder.File("run"));
        foreach (var file in Directory.GetFiles(adapter))
            File.WriteAllText(file, "another version");
        using var backbone = Backbone.Load(trained.Model.Folder);
        using var released = ReleasedPrompt.Load(source.Prompt!, backbone, trained.Model.Folder, allowMismatch: false);
        using var expected = ReleasedPrompt.Load(trained.File("run/adapter"), backbone, trained.Model.Folder);
        TensorAssert.Equal(released.Prompt.Forward(), expected.Prompt.Forward());
        released.Contract.Should().BeEquivalentTo(expected.Contract);
    }

    [Fact]
    public void Answers_are_those_of_the_served_prompt()
    {
        // What the server computes of a row: the contract's task, whole text, the prompt before it.
        using var backbone = Backbone.Load(trained.Model.Folder);
        using var released = ReleasedPrompt.Load(trained.File("copied"), backbone, trained.Model.Folder);
        var task = released.Contract!.ToTask()!;
        var ids = backbone.Tokenizer.Encode(task.Read(Example.Of("text", Texts[0])).Text);
        var served = new PromptScorer(backbone.Model).Predict([ids], [released.Prompt], LabelSet.Of(backbone.Tokenizer, task.LabelWords!.Words))[0];
        using var classifier = PromptClassifier.Open(trained.File("copied"));
        classifier.Predict(Texts[0]).Probabilities.Should().Equal(served.Probabilities);
    }

    [Fact]
    public void A_model_that_is_another_one_is_refused_unless_the_mismatch_is_allowed()
    {
        foreach (var path in new[] { "run", "copied", "full" })
        {
            var open = () => PromptClassifier.Open(trained.File(path), new ClassifierOptions { Model = trained.Model.Other });
            open.Should().Throw<AdapterException>().WithMessage("*the model*is another one: expected weights sha256:*");
            using var allowed = PromptClassifier.Open(trained.File(path),
                new ClassifierOptions { Model = trained.Model.Other, AllowMismatch = true });
            allowed.Predict("x").Labels.Should().HaveCount(2);
        }
    }

    [Fact]
    public void A_backbone_that_is_given_is_borrowed()
    {
        using var backbone = Backbone.Load(trained.Model.Folder);
        var options = new ClassifierOptions { Backbone = backbone };
        using (var first = PromptClassifier.Open(trained.File("copied"), options))
            first.Predict("x");
        using var second = PromptClassifier.Open(trained.File("run"), options);
        second.Predict("x").Label.Should().BeOneOf("bad", "good");
    }

    [Fact]
    public void Several_threads_get_the_answers_of_one()
    {
        using var classifier = PromptClassifier.Open(trained.File("run"));
        var expected = Texts.Select(text => classifier.Predict(text)).ToList();
        Parallel.For(0, 60, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
            classifier.Predict(Texts[i % Texts.Length]).Scores.Should().Equal(expected[i % Texts.Length].Scores));
    }

    [Fact]
    public void A_disposed_classifier_says_so()
    {
        var classifier = PromptClassifier.Open(trained.File("run"));
        classifier.Dispose();
        classifier.Dispose();
        FluentActions.Invoking(() => classifier.Predict("x")).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_temperature_makes_probabilities_more_alike_and_changes_no_label()
    {
        using var plain = PromptClassifier.Open(trained.File("run"));
        using var warm = PromptClassifier.Open(trained.File("run"), new ClassifierOptions { Temperature = 5 });
        var (sure, unsure) = (plain.Predict("x"), warm.Predict("x"));
        unsure.Label.Should().Be(sure.Label);
        unsure.Probability.Should().BeLessThan(sure.Probability);
        FluentActions.Invoking(() => PromptClassifier.Open(trained.File("run"), new ClassifierOptions { Temperature = 0 }))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void What_is_no_classifier_is_told_apart()
    {
        using var folder = new TemporaryFolder();
        Refused(folder.File("nowhere"), "*is not a classifier: expected a run directory*");
        Refused(folder.Path, "*is not a classifier*");
        Refused(trained.Model.Folder, "*is not a classifier*");
        Refused(trained.File("ids"), "*does not say what its task is*");
        Refused(trained.File("open"), "*open answers, no labels to choose from*");
        Refused(trained.File("code"), "*built in code*TrainedRun and the same task*");
        folder.Write("run.json", "{}");
        Refused(folder.Path, "*is without a status, expected a finished one*");
        folder.Write("run.json", "{\"status\":\"finished\"");
        Refused(folder.Path, "*run.json is damaged*");
        File.Delete(folder.File("run.json"));
        foreach (var name in new[] { "adapter_config.json", "adapter_model.safetensors" })
            File.Copy(trained.File("copied/" + name), folder.File(name));
        Refused(folder.Path, "*does not say what its task is: expected the contract*");
        using var classifier = PromptClassifier.Open(trained.File("run"));
        FluentActions.Invoking(() => classifier.Predict(Example.Of("sentence", "x"))).Should().Throw<DataException>()
            .WithMessage("*no field 'text'*");
        static void Refused(string path, string message) =>
            FluentActions.Invoking(() => PromptClassifier.Open(path)).Should().Throw<InputException>().WithMessage(message);
    }

    /// <summary>Runs of a tiny model: a prompt, its adapter taken out, all weights, rows of ids, open answers.</summary>
    public sealed class TrainedPrompt : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public TrainedPrompt()
        {
            var rows = TextModel.Rows(16);
            var spec = Model.Spec with { Epochs = 1, SaveDir = _folder.Path };
            TrainingRun.Train(spec with { SaveName = "run" }, Model.Task, rows).Dispose();
            TrainingRun.Train(spec with { SaveName = "full", Method = TuningMethod.Full }, Model.Task, rows).Dispose();
            foreach (var (name, method) in new[] { ("study", TuningMethod.Prompt), ("tuned", TuningMethod.Full) })
            {
                foreach (var seed in new[] { 3, 5 })
                    TrainingRun.Train(spec with { SaveDir = File(name), SaveName = $"seed-{seed}", Seed = seed, Method = method }, Model.Task, rows)
                        .Dispose();
            }

            var task = _folder.Write("open.json", """{"name":"open","template":"{text}","target":"{label}"}""");
            var data = _folder.Write("rows.jsonl", string.Concat(rows.Select(row => row + "\n")));
            TrainingRun.Train(spec with { SaveName = "open", Task = task, Data = data });
            var byCode = Model.Task with { Template = null, Text = row => row.Text("text") };
            TrainingRun.Train(spec with { SaveName = "code" }, byCode, rows).Dispose();
            var ids = _folder.Write("ids.jsonl",
                string.Concat(Enumerable.Range(0, 8).Select(i => $"{{\"input_ids\":[{4 + i},1],\"target_ids\":[{7 + (i % 2)},1]}}\n")));
            TrainingRun.Train(spec with { SaveName = "ids", Data = ids, ValidationFraction = 0 });
            Directory.CreateDirectory(File("copied"));
            foreach (var file in Directory.GetFiles(File("run/adapter")))
                System.IO.File.Copy(file, Path.Combine(File("copied"), Path.GetFileName(file)));
        }

        public TextModel Model { get; } = new();

        public string File(string name) => _folder.File(name);

        public void Dispose()
        {
            Model.Dispose();
            _folder.Dispose();
        }
    }
}

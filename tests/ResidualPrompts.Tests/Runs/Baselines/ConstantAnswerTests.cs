using System.Text.Json;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Baselines;

/// <summary>One answer for every row has the score that one computes by hand, by every metric, or a reason why it has none.</summary>
public sealed class ConstantAnswerTests(TextModel model) : IClassFixture<TextModel>
{
    [Fact]
    public void Metrics_of_labels()
    {
        // Training: 2 bad, 3 good. Test: 4 bad, 6 good, in five groups of which two are all good.
        string[] references = ["good", "good", "good", "bad", "bad", "good", "good", "good", "bad", "bad"];
        var task = model.Task with
        {
            Metrics = ["accuracy", "f1_macro", "f1", "f1a", "matthews", "em", "gender_parity"],
            Aggregate = ["f1a", "em"],
            GroupFields = ["pair"],
        };
        var found = Score(task, Rows(["bad", "good", "good", "bad", "good"]), Rows(references));
        found.Answer.Should().Be("good");
        found.Missing.Should().BeNull();
        var metrics = found.Result!.Metrics;
        metrics["accuracy"].Should().Be(0.6);
        metrics["f1"].Should().Be(0.75); // 2 · 6 / (6 + 10)
        metrics["f1a"].Should().Be(0.75);
        metrics["f1_macro"].Should().Be(0.375); // (0 + 0.75) / 2
        metrics["matthews"].Should().Be(0);
        metrics["em"].Should().Be(0.4); // the pairs (good good) (good bad) (bad good) (good good) (bad bad)
        metrics["gender_parity"].Should().Be(1);
        metrics["aggregate"].Should().Be((0.75 + 0.4) / 2);
        (found.Result.N, found.Result.Invalid, found.Result.Notes).Should().Be((10, 0, null));
    }

    [Fact]
    public void The_negative_label_has_an_F1_of_0() =>
        Score(model.Task with { Metrics = ["f1", "accuracy"] }, Rows(["bad", "bad", "good"]), Rows(["good", "bad", "good"]))
            .Result!.Metrics.Should().Equal(new Dictionary<string, double?> { ["f1"] = 0, ["accuracy"] = 1 / 3.0 });

    [Fact]
    public void Metrics_of_texts()
    {
        var task = new TaskDefinition
        {
            Name = "questions",
            Template = Template.Parse("{text}"),
            OpenTarget = row => row.Value("answer"),
            AnswerRule = AnswerRule.Text,
            Evaluation = EvaluationMode.Generate,
            Metrics = ["em", "f1"],
        };
        Example[] Of(params string[] answers) =>
            [.. answers.Select((answer, i) => Example.Of(new Dictionary<string, string> { ["text"] = $"question {i}", ["answer"] = answer }))];
        var found = Score(task, Of("in Rome", "Paris", "in Rome"), Of("in Rome", "Rome", "Paris", "in the Rome of old"));
        found.Answer.Should().Be("in Rome");
        found.Result!["em"].Should().Be(0.25);
        // 1; 2 · 1 / (2 + 1); 0; 2 · 2 / (2 + 4), articles do not count
        found.Result["f1"].Should().BeApproximately((1 + (2 / 3.0) + 0 + (4 / 6.0)) / 4, 1e-12);
    }

    [Fact]
    public void Correlations_of_a_constant_are_undefined_with_the_reason()
    {
        var found = Score(BuiltInTasks.Find("stsb"), Similarities("5.0", "3.79", "3.81"), Similarities("1.0", "2.0"));
        found.Answer.Should().Be("3.8"); // as T5 learns to write both
        found.Result!.Metrics.Should().Equal(new Dictionary<string, double?> { ["aggregate"] = null, ["pearson"] = null, ["spearman"] = null });
        found.Result.Undefined["pearson"].Should().Be("predictions are constant");
    }

    [Fact]
    public void Candidates_that_differ_by_row_have_no_constant_answer()
    {
        const string Json =
            """{"passage":"Ann met Bob.","query":"@placeholder met Bob","entities":["Ann","Bob"],"answers":["Ann"],"idx":{"passage":0,"query":1} }""";
        var row = Example.Of(JsonDocument.Parse(Json).RootElement, "rows", 1, 0);
        Score(BuiltInTasks.Find("record"), [row], [row]).Should().Be(Baseline.None("The possible answers differ from row to row."));
    }

    [Fact]
    public void Where_rows_of_one_label_train_the_others_count_too()
    {
        using var backbone = ModelCatalog.Load(model.Folder);
        var data = RunData.Load(model.Spec with { Task = "wsc", MaxInputLength = 200, ValidationFromTrain = true }, backbone);
        data.Train.Rows.Should().OnlyContain(row => data.Task!.ClassOf(row) == "true");
        var found = ConstantAnswer.Score(data, data.Encode(DataSplit.Test)!);
        found.Answer.Should().Be("false"); // 295 of the 554 training rows
        found.Result!["accuracy"].Should().Be(66 / 104.0);
    }

    [Fact]
    public void The_originals_answer_is_as_its_targets_are_written()
    {
        var task = TaskCatalog.Find("rte_superglue", Compatibility.Original);
        Example Row(string label) =>
            Example.Of(new Dictionary<string, string> { ["premise"] = "p", ["hypothesis"] = "h", ["label"] = label });
        var (entails, not) = (Row("entailment"), Row("not_entailment"));
        var found = Score(task, [not, entails, not], [not, entails, not, not]);
        found.Result!.Metrics.Should().Equal(new Dictionary<string, double?> { ["accuracy"] = 0.75 });
    }

    [Fact]
    public void Rows_of_token_ids_have_targets_as_answers()
    {
        using var folder = new TemporaryFolder();
        using var backbone = ModelCatalog.Load(TinyFolder.WriteModel(folder));
        var data = RunData.Load(new RunSpec { Data = TinyFolder.WriteRows(folder, train: 3, validation: 5) }, backbone);
        var found = ConstantAnswer.Score(data, data.Encode(DataSplit.Validation)!); // 7, 8 9, 7 in training
        (found.Answer, found.Result!["accuracy"]).Should().Be(("7 1", 0.6));
    }

    [Theory]
    [InlineData("b,a,b", "a,b", "b")]
    [InlineData("b,a", "a,b", "a")]
    [InlineData("b,a", "b,a", "b")]
    [InlineData("10,9", "", "10")]
    [InlineData("", "a,b", null)]
    public void The_most_frequent_answer_is_the_first_at_a_tie(string answers, string outcomes, string? expected) => ConstantAnswer.MostFrequent(
        answers.Split(',', StringSplitOptions.RemoveEmptyEntries), outcomes.Split(',', StringSplitOptions.RemoveEmptyEntries)).Should().Be(expected);

    private static Example[] Rows(string[] labels) => [.. labels.Select((label, i) => Example.Of(new Dictionary<string, string>
    {
        ["text"] = $"film {i}", ["label"] = label == "good" ? "1" : "0", ["pair"] = $"{i / 2}",
    }))];

    private static Example[] Similarities(params string[] scores) => [.. scores.Select((score, i) => Example.Of(new Dictionary<string, string>
    {
        ["sentence1"] = $"one {i}", ["sentence2"] = "two", ["score"] = score,
    }))];

    private Baseline Score(TaskDefinition task, Example[] train, Example[] test)
    {
        using var backbone = ModelCatalog.Load(model.Folder);
        var spec = model.Spec with { ValidationFraction = 0 };
        var data = RunData.Of(spec, RunRows.Of(spec, task, new Dictionary<DataSplit, IReadOnlyList<Example>>
        {
            [DataSplit.Train] = train,
            [DataSplit.Test] = test,
        }), backbone);
        return ConstantAnswer.Score(data, data.Encode(DataSplit.Test)!);
    }
}

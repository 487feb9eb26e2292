using System.Text;
using System.Text.Json;
using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Compute;
using ResidualPrompts.Data;
using ResidualPrompts.Files;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Baselines;

/// <summary>The untuned model is scored on what the run was scored on, once: another run with the same of everything finds the score.</summary>
public sealed class UntunedTests(TextModel model) : IClassFixture<TextModel>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TuningMethod.Prompt, null)]
    [InlineData(TuningMethod.Full, null)]
    [InlineData(TuningMethod.Prompt, "layer_norm")]
    public void A_run_with_a_test_split_records_both(TuningMethod method, string? weights)
    {
        var spec = model.Spec with
        {
            Data = WriteRows(),
            Template = "film: {text}",
            LabelWords = "0=bad,1=good",
            Method = method,
            TrainWeights = weights,
            LearningRate = 0.5,
            WeightDecay = 0,
            Test = true,
            SaveDir = _folder.Path,
            SaveName = "run",
        };
        var result = TinyRun.Train(spec).Result;
        var read = RunRecord.Read(new RunDirectory(_folder.File("run"))).Result!;
        Json(read.Baselines).Should().Be(Json(result.Baselines));
        var (constant, untuned) = (read.Baselines!.Constant, read.Baselines.Untuned);
        (constant.Answer, constant.Result!["accuracy"], constant.Missing).Should().Be(("bad", 0.5, null));
        using var alone = ModelEvaluation.Open(spec, maxInputLength: spec.MaxInputLength - spec.VirtualTokenCount);
        Json(untuned.Result).Should().Be(Json(alone.Evaluate(DataSplit.Test)));
        using var run = TinyRun.Open(_folder.File("run"));
        Json(run.Evaluate(DataSplit.Test)).Should().Be(Json(read.Test));
    }

    [Fact]
    public void A_run_that_is_not_tested_has_none_and_its_record_has_no_such_key()
    {
        TinyRun.Train(TinyRun.Spec(_folder)).Result.Baselines.Should().BeNull();
        File.ReadAllText(_folder.File("run", "run.json")).Should().NotContain("baselines");
    }

    [Fact]
    public void A_failure_costs_the_run_nothing_and_is_the_reason()
    {
        var baselines = With((backbone, data) =>
        {
            backbone.Model.Dispose();
            return TestBaselines.Of(model.Spec, backbone, data, new BaselineCache(null), TestContext.Current.CancellationToken);
        });
        baselines.Constant.Result!.N.Should().Be(6);
        baselines.Untuned.Result.Should().BeNull();
        baselines.Untuned.Missing.Should().StartWith("It could not be computed: ");
    }

    [Fact]
    public void The_key_changes_with_whatever_the_score_depends_on()
    {
        var keys = new Dictionary<string, string>
        {
            ["as it is"] = KeyOf(),
            ["another model"] = KeyOf(folder: model.Other),
            ["a row less"] = KeyOf(test: TextModel.Rows(5, from: 50)),
            ["another order"] = KeyOf(test: [.. TextModel.Rows(6, from: 50).Reverse()]),
            ["another label"] = KeyOf(test: [.. TextModel.Rows(5, from: 50), Example.Of(
                new Dictionary<string, string> { ["text"] = "moving number 55 and so on and so on and so on", ["label"] = "0" })]),
            ["another template"] = KeyOf(task: model.Task with { Template = Template.Parse("movie: {text}") }),
            ["other words"] = KeyOf(task: model.Task with { Labels = LabelWords.Parse("0=poor,1=good") }),
            ["another metric"] = KeyOf(task: model.Task with { Metrics = ["accuracy"] }),
            ["another input length"] = KeyOf(spec: model.Spec with { MaxInputLength = 12 }),
            ["another way to answer"] = KeyOf(spec: model.Spec with { Evaluation = EvaluationMode.Generate }),
            ["libtorch"] = KeyOf(options: new BackboneOptions { Compute = ComputePolicy.LibTorch }),
            ["another layout"] = KeyOf(options: new BackboneOptions { Mode = ComputeMode.Straightforward }),
        };
        if (ComputeChoice.Int8Kernel is not null)
            keys["int8"] = KeyOf(options: new BackboneOptions { Int8 = true });
        keys.GroupBy(pair => pair.Value, pair => pair.Key).Where(same => same.Count() > 1).Select(same => string.Join(" = ", same))
            .Should().BeEmpty();
        KeyOf().Should().Be(keys["as it is"]);
        KeyOf(spec: model.Spec with { PromptLength = 5, MaxInputLength = 26, Seed = 9 }).Should().Be(keys["as it is"], "the texts are the same");
    }

    [Fact]
    public void A_kept_score_is_found_and_not_computed_again()
    {
        var cache = new BaselineCache(_folder.File("cache"));
        var result = new SplitResult(6, 1, new Dictionary<string, double?> { ["accuracy"] = 1 / 3.0, ["em"] = null },
            new Dictionary<string, string> { ["em"] = "an example belongs to no group" }, ["bad", "good"], [[1, 2, 0], [0, 2, 1]])
        {
            Notes = ["'bad' was never predicted."],
        };
        cache.Get("a", () => result).Should().BeSameAs(result);
        Json(new BaselineCache(_folder.File("cache")).Get("a", Never)).Should().Be(Json(result));
        FluentActions.Invoking(() => cache.Get("b", Never)).Should().Throw<InvalidOperationException>();
        new BaselineCache(null).Get("a", () => result with { N = 7 }).N.Should().Be(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("digest of null")]
    [InlineData("changed")]
    [InlineData("cut")]
    public void A_damaged_entry_is_computed_and_written_again(string damage)
    {
        var cache = new BaselineCache(_folder.File("cache"));
        cache.Get("a", () => Result(1));
        var path = _folder.File("cache", "a.json");
        var text = File.ReadAllText(path);
        File.WriteAllText(path, damage switch
        {
            "changed" => text.Replace("\"n\":1", "\"n\":9", StringComparison.Ordinal),
            "cut" => text[..^3],
            "digest of null" => "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b\nnull",
            _ => damage,
        });
        cache.Get("a", () => Result(2)).N.Should().Be(2);
        cache.Get("a", Never).N.Should().Be(2);
    }

    [Fact]
    public void A_cache_that_cannot_be_written_or_read_is_ignored()
    {
        var file = _folder.Write("cache", "not a folder");
        new BaselineCache(file).Get("a", () => Result(1)).N.Should().Be(1);
        Directory.CreateDirectory(_folder.File("other", "a.json"));
        new BaselineCache(_folder.File("other")).Get("a", () => Result(2)).N.Should().Be(2);
    }

    [Fact]
    public void Two_writers_of_one_entry_leave_a_whole_one()
    {
        var cache = new BaselineCache(_folder.File("cache"));
        Parallel.For(0, 8, i => cache.Get("a", () => Result(i)).N.Should().BeInRange(0, 7));
        cache.Get("a", Never).N.Should().BeInRange(0, 7);
        Directory.GetFiles(_folder.File("cache")).Should().ContainSingle();
    }

    [Fact]
    public void The_least_recently_used_entries_beyond_the_bound_are_deleted()
    {
        var folder = Directory.CreateDirectory(_folder.File("cache")).FullName;
        foreach (var i in Enumerable.Range(0, BaselineCache.MaxEntries))
        {
            var path = Path.Combine(folder, $"old{i}.json");
            File.WriteAllText(path, "");
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1 - i));
        }

        new BaselineCache(folder).Get("a", () => Result(1));
        Directory.GetFiles(folder).Should().HaveCount(BaselineCache.MaxEntries);
        File.Exists(Path.Combine(folder, $"old{BaselineCache.MaxEntries - 1}.json")).Should().BeFalse();
        File.Exists(Path.Combine(folder, "a.json")).Should().BeTrue();
    }

    [Fact]
    public void The_score_that_a_run_finds_is_the_one_in_the_cache()
    {
        var marked = Result(123456);
        var found = With((backbone, data) =>
        {
            var cache = new BaselineCache(_folder.File("cache"));
            cache.Get(UntunedKey.Of(backbone, data.Answers, data.Task, data.Encode(DataSplit.Test)!), () => marked);
            return TestBaselines.Of(model.Spec with { Seed = 3 }, backbone, data, cache, TestContext.Current.CancellationToken);
        });
        Json(found.Untuned.Result).Should().Be(Json(marked));
    }

    private static SplitResult Result(int n) => new(n, 0, new Dictionary<string, double?>(), new Dictionary<string, string>(), [], []);

    private static SplitResult Never() => throw new InvalidOperationException("It was computed again.");

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, JsonFormats.SnakeCase);

    private string KeyOf(
        string? folder = null, Example[]? test = null, TaskDefinition? task = null, RunSpec? spec = null, BackboneOptions? options = null)
    {
        using var backbone = ModelCatalog.Load(folder ?? model.Folder, options: options);
        var data = DataOf(spec ?? model.Spec, backbone, task ?? model.Task, test ?? TextModel.Rows(6, from: 50));
        return UntunedKey.Of(backbone, data.Answers, data.Task, data.Encode(DataSplit.Test)!);
    }

    private T With<T>(Func<Backbone, RunData, T> use)
    {
        using var backbone = ModelCatalog.Load(model.Folder);
        return use(backbone, DataOf(model.Spec, backbone, model.Task, TextModel.Rows(6, from: 50)));
    }

    private static RunData DataOf(RunSpec spec, Backbone backbone, TaskDefinition task, Example[] test) =>
        RunData.Of(spec, RunRows.Of(spec, task, new Dictionary<DataSplit, IReadOnlyList<Example>>
        {
            [DataSplit.Train] = TextModel.Rows(12),
            [DataSplit.Test] = test,
        }), backbone);

    private string WriteRows()
    {
        var data = Directory.CreateDirectory(_folder.File("data")).FullName;
        foreach (var (name, from, count) in new[] { ("train", 0, 24), ("validation", 100, 6), ("test", 200, 10) })
        {
            File.WriteAllLines(Path.Combine(data, $"{name}.jsonl"), TextModel.Rows(count, from)
                .Select(row => $$"""{"text":"{{row.Value("text")}}","label":{{row.Value("label")}}}"""), Encoding.UTF8);
        }

        return data;
    }
}

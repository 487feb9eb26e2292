using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Data;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Predictions;

/// <summary>Runs that are evaluated in one pass get, bit by bit, what each gets alone.</summary>
public sealed class EvaluationPassTests : IDisposable
{
    private const int MoreThanOneWindow = 1100;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<ComputeMode, bool, EvaluationMode?> Computations { get; } = new()
    {
        { ComputeMode.Packed, false, null },
        { ComputeMode.Padded, false, null },
        { ComputeMode.Packed, true, null },
        { ComputeMode.Packed, false, EvaluationMode.Generate },
    };

    [Theory]
    [MemberData(nameof(Computations))]
    public void Each_run_has_the_figures_and_predictions_that_it_has_alone(ComputeMode mode, bool int8, EvaluationMode? evaluation)
    {
        var options = BackboneOptions.Default with { Mode = mode, Int8 = int8 };
        var spec = Spec() with { Evaluation = evaluation };
        string[] runs =
        [
            Train(spec, "a"),
            Train(spec with { Seed = 1, Reparameterization = Reparameterization.Mlp, BottleneckSize = 4, LearningRate = 0.1 }, "network"),
            Train(spec with { PromptLength = 5, MaxInputLength = spec.MaxInputLength + 3 }, "longer"), // equal room for texts, other batches
            Train(spec with { Seed = 2, PromptInit = "uniform" }, "uniform"),
        ];
        var shared = Shared(runs, options, new SharedRows(), out var loads);
        loads.Should().Be(1, "the rows are read and tokenized once for all");
        foreach (var (run, together) in runs.Zip(shared))
            together.Should().Be(Alone([run], options), run);
        shared.Distinct().Should().HaveCount(runs.Length, "else the prompts would be no test of each other");
    }

    [Fact]
    public void An_ensemble_that_is_scored_with_its_runs_has_the_figures_that_it_has_alone()
    {
        var spec = Spec();
        string[] runs =
        [
            Train(spec with { Seed = 3 }, "c"), Train(spec, "a"), Train(spec with { Seed = 1, PromptLength = 6, MaxInputLength = 44 }, "b"),
        ];
        using var backbones = new SharedBackbone();
        var opened = runs.Select(run => TrainedRun.Open([run], backbones, allowMismatch: false)).ToList();
        var scored = EvaluationPass.Score([.. opened, TrainedRun.Together(opened)], EvaluationRows.Own(DataSplit.Validation));
        Text(scored[^1]).Should().Be(Alone(runs));
        foreach (var (run, pass) in runs.Zip(scored))
            Text(pass).Should().Be(Alone([run]));
        opened.ForEach(run => run.Dispose());
    }

    [Fact]
    public void Runs_with_other_rows_are_scored_on_their_own()
    {
        var spec = Spec() with { Data = TinyFolder.WriteRows(_folder, "few"), ValidationFraction = 0.2 };
        File.Delete(_folder.File("few", "validation.jsonl"));
        string[] runs =
        [
            Train(spec, "a"), Train(spec with { Seed = 1 }, "seed"), Train(spec with { SplitSeed = 1 }, "split"),
            Train(spec with { MaxInputLength = 30 }, "text"), Train(spec with { ValidationFraction = 0.3 }, "fraction"),
            Train(spec with { Data = TinyFolder.WriteRows(_folder, "more") }, "data"),
        ];
        var shared = Shared(runs, null, new SharedRows(), out var loads);
        loads.Should().Be(5, "only the first two have the same rows");
        foreach (var (run, together) in runs.Zip(shared))
            together.Should().Be(Alone([run]), run);
    }

    [Fact]
    public void Other_data_is_read_once_for_runs_that_read_it_alike()
    {
        using var text = new TinyPrompts();
        var rows = _folder.Write("rows.jsonl",
            string.Concat(Enumerable.Range(0, 9).Select(i => $$"""{"text":"film {{i}}","label":{{i % 2}}}""" + "\n")));
        var spec = new RunSpec
        {
            Model = text.Model,
            Data = rows,
            Template = "{text}",
            LabelWords = "0=bad,1=good",
            PromptLength = 2,
            Epochs = 1,
            ValidationFraction = 0.4,
            SaveDir = _folder.Path,
        };
        string[] runs =
        [
            Train(spec, "a"), Train(spec with { Seed = 1, ValidationFraction = 0.2 }, "b"),
            Train(spec with { Template = "film: {text}" }, "template"), Train(spec with { LabelWords = "0=good,1=bad" }, "words"),
        ];
        var others = _folder.Write("others.jsonl", """{"text":"a long film","label":1}""" + "\n" + """{"text":"a film","label":0}""" + "\n");
        var asked = new EvaluationRows(DataSplit.Test, null, others, EvaluationRows.NoFiles);
        var shared = Shared(runs, null, new SharedRows(), out var loads, asked);
        loads.Should().Be(3, "other held-out rows do not matter for other data, templates and label words do");
        foreach (var (run, together) in runs.Zip(shared))
            together.Should().Be(Alone([run], asked: asked), run);
    }

    [Fact]
    public void A_run_that_fails_leaves_the_others_their_results()
    {
        var spec = Spec();
        string[] runs =
        [
            Train(spec, "changed"), Train(spec with { Seed = 1 }, "a"), Train(spec with { Seed = 2 }, "broken"), Train(spec with { Seed = 4 }, "b"),
        ];
        Digests(runs[0], (digests, name) => digests[name] = new string('0', 64));
        using var backbones = new SharedBackbone();
        var opened = runs.Select(run => TrainedRun.Open([run], backbones, allowMismatch: false)).ToList();
        using (no_grad())
            _ = opened[2].Members[0].Prompt!.Parameters.Single().Value.fill_(float.NaN);
        var together = new[] { TrainedRun.Together(opened), TrainedRun.Together([.. opened.Skip(1)]), TrainedRun.Together([opened[3], opened[1]]) };
        var scored = EvaluationPass.Score([.. opened, .. together], EvaluationRows.Own(DataSplit.Validation));
        scored[0].Invoking(one => one.Result()).Should().Throw<RunException>().WithMessage("The data of *changed*has changed since*");
        scored[2].Invoking(one => one.Result()).Should().Throw<DataException>().WithMessage("*validation.jsonl, line 1: the scores are not finite*");
        foreach (var i in new[] { 1, 3 })
            Text(scored[i]).Should().Be(Alone([runs[i]]));
        scored[4].Invoking(one => one.Result()).Should().Throw<RunException>().WithMessage("The data of *changed*has changed since*");
        scored[5].Invoking(one => one.Result()).Should().Throw<DataException>().WithMessage("*validation.jsonl, line 1: the scores are not finite*");
        Text(scored[6]).Should().Be(Alone([runs[1], runs[3]]));
        opened.ForEach(run => run.Dispose());
    }

    private RunSpec Spec()
    {
        var spec = TinyRun.Spec(_folder) with { PromptLength = 2, MaxInputLength = 40 };
        TinyFolder.WriteRows(_folder, validation: MoreThanOneWindow);
        return spec;
    }

    private string Train(RunSpec spec, string name)
    {
        TinyRun.Train(spec with { SaveDir = _folder.Path, SaveName = name });
        return _folder.File(name);
    }

    private static void Digests(string run, Action<JsonObject, string> change)
    {
        var file = Path.Combine(run, "run.json");
        var record = JsonNode.Parse(File.ReadAllText(file))!;
        var digests = record["inputs"]!["data_digests"]!.AsObject();
        change(digests, digests.First().Key);
        File.WriteAllText(file, record.ToJsonString());
    }

    private List<string> Shared(
        IReadOnlyList<string> runs, BackboneOptions? options, SharedRows rows, out int loads, EvaluationRows? asked = null)
    {
        using var backbones = new SharedBackbone(options);
        var opened = runs.Select(run => TrainedRun.Open([run], backbones, allowMismatch: false)).ToList();
        backbones.LoadCount.Should().Be(1);
        var scored = EvaluationPass.Score(opened, asked ?? EvaluationRows.Own(DataSplit.Validation), rows).Select(Text).ToList();
        opened.ForEach(run => run.Dispose());
        loads = rows.LoadCount;
        return scored;
    }

    private string Alone(IReadOnlyList<string> runs, BackboneOptions? options = null, EvaluationRows? asked = null)
    {
        using var run = TrainedRun.Open(runs, options: options);
        return Text(EvaluationPass.Score([run], asked ?? EvaluationRows.Own(DataSplit.Validation))[0]);
    }

    /// <summary>All figures, and the bytes of the file of predictions.</summary>
    private string Text(EvaluationPass pass)
    {
        var file = _folder.File("predictions.jsonl");
        var result = pass.Result(file);
        pass.Predictions.Should().HaveCount(result.N);
        return $"{result.N} {result.Invalid} {string.Join(' ', result.Metrics.Select(metric => $"{metric.Key} {metric.Value:R}"))} "
            + $"{string.Join(' ', result.Confusion.SelectMany(row => row))}\n{File.ReadAllText(file)}";
    }
}

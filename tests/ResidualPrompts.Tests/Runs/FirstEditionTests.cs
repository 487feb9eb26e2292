using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>
/// Runs that version 0.1.0 made, one finished and one interrupted, on one file of rows with the seed 3. Their records have no split_seed: the
/// rows were held out by the seed.
/// </summary>
public sealed class FirstEditionTests : IDisposable
{
    private const int RowBytes = 2 * 16 * sizeof(float);
    private readonly TemporaryFolder _folder = new();

    public FirstEditionTests()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "TestData", "first-edition");
        TinyFolder.Copy(source, _folder.File("first"));
        foreach (var run in new[] { Finished, Interrupted })
        {
            var record = Path.Combine(run, "run.json");
            File.WriteAllText(record, File.ReadAllText(record).Replace("FOLDER", Root, StringComparison.Ordinal));
        }
    }

    private string Root => _folder.File("first");

    private string Finished => Path.Combine(Root, "finished");

    private string Interrupted => Path.Combine(Root, "interrupted");

    private RunSpec Spec => new()
    {
        Model = Path.Combine(Root, "model"),
        Data = Path.Combine(Root, "rows.jsonl"),
        Seed = 3,
        Epochs = 12,
        Release = ReleasedState.Last,
        PromptLength = 2,
        LearningRate = 0.05,
        ValidationFraction = 0.25,
        TestFromValidation = true,
        Test = true,
        SaveDir = Root,
        SaveName = "interrupted",
    };

    [Fact]
    public void An_interrupted_run_ends_as_its_own_program_would_have_ended_it()
    {
        Resume(Interrupted, Spec);
        foreach (var split in new[] { "validation", "test" })
            Rows(Interrupted, split).Should().Equal(Rows(Finished, split));
        var (resumed, expected) = (Prompt(Interrupted), Prompt(Finished));
        MemoryMarshal.Cast<byte, float>(resumed).ToArray().Zip(MemoryMarshal.Cast<byte, float>(expected).ToArray())
            .Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-3);
        if (JsonNode.DeepEquals(Record(Interrupted)["environment"]!["compute"], Record(Finished)["environment"]!["compute"]))
            resumed.Should().Equal(expected); // other kernels round differently
    }

    [Fact]
    public void A_resumed_run_keeps_its_rule_for_the_next_time()
    {
        Resume(Interrupted, Spec);
        Record(Interrupted)["spec"]!.AsObject().Should().NotContainKey("split_seed");
        Resume(Interrupted, Spec); // finished: nothing differs
        Resume(Interrupted, Spec with { SplitSeed = 3 }); // the rule in other words
        FluentActions.Invoking(() => Resume(Interrupted, Spec with { SplitSeed = 4 })).Should().Throw<RunException>().WithMessage("*split_seed*");
    }

    [Fact]
    public void A_finished_run_is_evaluated_on_its_own_halves()
    {
        using var run = TinyRun.Open(Finished);
        var result = Record(Finished)["result"]!;
        foreach (var (split, name) in new[] { (DataSplit.Validation, "validation"), (DataSplit.Test, "test") })
        {
            var evaluated = run.Evaluate(split);
            evaluated.N.Should().Be(result[name]!["n"]!.GetValue<int>());
            evaluated.Metrics["accuracy"].Should().BeApproximately(result[name]!["metrics"]!["accuracy"]!.GetValue<double>(), 1e-9);
        }
    }

    [Fact]
    public void A_new_run_holds_out_the_same_rows_only_if_its_split_seed_is_that_seed()
    {
        TinyRun.Train(Spec with { SaveName = "same", SplitSeed = 3, Epochs = 1 });
        TinyRun.Train(Spec with { SaveName = "new", Epochs = 1 });
        int[] old = [.. Rows(Finished, "validation"), .. Rows(Finished, "test")];
        HeldOut("same").Order().Should().Equal(old.Order());
        HeldOut("new").Order().Should().NotEqual(old.Order());
    }

    public void Dispose() => _folder.Dispose();

    private int[] HeldOut(string run) => [.. Rows(Path.Combine(Root, run), "validation"), .. Rows(Path.Combine(Root, run), "test")];

    private static void Resume(string run, RunSpec spec)
    {
        TinyRun.Train(spec, RunMode.Resume);
        Record(run)["status"]!.GetValue<string>().Should().Be("finished");
    }

    private static JsonObject Record(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "run.json")))!.AsObject();

    private static byte[] Prompt(string run) => File.ReadAllBytes(Path.Combine(run, "prompt.npy"))[^RowBytes..];

    private static int[] Rows(string run, string split) =>
        [.. File.ReadLines(Path.Combine(run, "predictions", split + ".jsonl")).Select(line => JsonNode.Parse(line)!["index"]!.GetValue<int>())];
}

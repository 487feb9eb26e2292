using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>Runs whose splits come from files in several places.</summary>
public sealed class FilesOfSplitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder.File("run");

    /// <summary>Training and test rows in files of one name.</summary>
    private RunSpec Spec => TinyRun.Spec(_folder) with
    {
        Data = null,
        Train = Rows("one", 20, 0),
        Validation = Path.Combine(TinyFolder.WriteRows(_folder), "validation.jsonl"),
        TestFile = Rows("two", 6, 200),
        Test = true,
    };

    [Fact]
    public void Three_files_are_a_data_set()
    {
        var run = TinyRun.Train(Spec);
        (run.Result.Validation!.N, run.Result.Test!.N).Should().Be((12, 6));
        var inputs = Record()["inputs"]!;
        inputs["train_count"]!.GetValue<int>().Should().Be(20);
        inputs["data_path"].Should().BeNull();
        inputs["data_digests"]!.AsObject().Select(file => file.Key).Should()
            .Equal("train/rows.jsonl", "validation/validation.jsonl", "test/rows.jsonl");
        JsonNode.DeepEquals(inputs["data_digests"]!["train/rows.jsonl"], inputs["data_digests"]!["test/rows.jsonl"]).Should().BeFalse();
        inputs["split_digests"]!.AsObject().Select(split => split.Key).Should().Equal("train", "validation", "test");
        inputs["test_path"]!.GetValue<string>().Should().Be(_folder.File("two", "rows.jsonl"));
        using var trained = TinyRun.Open(Run);
        trained.Evaluate(DataSplit.Test).Metrics.Should().Equal(run.Result.Test.Metrics);
    }

    [Fact]
    public void A_file_takes_the_place_of_one_split_of_the_data()
    {
        var run = TinyRun.Train(Spec with { Data = TinyFolder.WriteRows(_folder), Train = null, Validation = null });
        (run.Result.Validation!.N, run.Result.Test!.N).Should().Be((12, 6));
        Record()["inputs"]!["train_count"]!.GetValue<int>().Should().Be(40);
        using var trained = TinyRun.Open(Run);
        trained.Evaluate(DataSplit.Validation).N.Should().Be(12);
        trained.Evaluate(DataSplit.Test).N.Should().Be(6);
    }

    [Fact]
    public void Without_a_file_of_validation_rows_some_training_rows_are_held_out()
    {
        var run = TinyRun.Train(Spec with { Validation = null });
        run.Result.Validation!.N.Should().Be(2);
        run.Notes.Should().Contain($"{_folder.File("one", "rows.jsonl")} has no validation split: 2 of 20 rows are held out for it.");
    }

    [Fact]
    public void A_file_that_changed_is_not_scored_and_ends_no_run_of_other_rows()
    {
        TinyRun.Train(Spec);
        var spec = Spec; // writes its files again
        Rows("two", 6, 300);
        using (var trained = TinyRun.Open(Run))
        {
            trained.Invoking(run => run.Evaluate(DataSplit.Test)).Should().Throw<RunException>().WithMessage("The data of*has changed*");
        }

        Change(record => record["status"] = "interrupted");
        FluentActions.Invoking(() => TinyRun.Train(spec with { TestFile = _folder.File("two", "rows.jsonl") }, RunMode.Resume))
            .Should().Throw<RunException>().WithMessage("The test rows of*are not the ones that it had before*");
    }

    [Theory]
    [InlineData("train")]
    [InlineData("validation")]
    [InlineData("test")]
    public void Rows_that_are_chosen_otherwise_are_noticed_by_their_digest(string split)
    {
        TinyRun.Train(Spec);
        Change(record => record["inputs"]!["split_digests"]![split] = new string('0', 64));
        using (var trained = TinyRun.Open(Run))
        {
            var wanted = Enum.Parse<DataSplit>(split, ignoreCase: true);
            trained.Invoking(run => run.Evaluate(wanted)).Should().Throw<RunException>()
                .WithMessage($"The {split} rows of*").Which.Kind.Should().Be(ProblemKind.Mismatch);
            foreach (var other in Enum.GetValues<DataSplit>().Where(other => other != wanted))
                trained.Evaluate(other).N.Should().BePositive();
        }

        Change(record => record["status"] = "interrupted");
        FluentActions.Invoking(() => TinyRun.Train(Spec, RunMode.Resume)).Should().Throw<RunException>().WithMessage($"The {split} rows of*");
    }

    [Fact]
    public void A_record_without_digests_of_rows_is_not_compared()
    {
        TinyRun.Train(Spec);
        Change(record =>
        {
            record["inputs"]!.AsObject().Remove("split_digests");
            record["status"] = "interrupted";
        });
        TinyRun.Train(Spec, RunMode.Resume);
        Record()["inputs"]!["split_digests"]!["train"]!.GetValue<string>().Should().HaveLength(64);
    }

    [Fact]
    public void Seeds_vary_no_rows_and_split_seeds_do()
    {
        var spec = Spec with { Validation = null, TestFile = null, Test = false };
        string Chosen(RunSpec one)
        {
            TinyRun.Train(one, RunMode.Overwrite);
            return Record()["inputs"]!["split_digests"]!.ToJsonString();
        }

        var first = Chosen(spec);
        Chosen(spec with { Seed = 5 }).Should().Be(first);
        Chosen(spec with { SplitSeed = 5 }).Should().NotBe(first);
    }

    [Fact]
    public void The_same_texts_in_two_splits_are_said()
    {
        var spec = Spec;
        Shared(spec with { Validation = spec.Train }).Should()
            .Equal("20 of 20 validation texts are also training texts: a score on them says nothing about new texts");
        Shared(spec with { TestFile = spec.Validation }).Should()
            .Equal("12 of 12 test texts are also validation texts, which choose the epoch and the settings: a score on them flatters the choice");
        Shared(spec with { TestFile = spec.Train, Validation = spec.Train }).Should().HaveCount(3);
        Shared(spec).Should().BeEmpty();
        Shared(spec with { TestFile = spec.Validation, Test = false }).Should().BeEmpty("nothing is reported on these rows");
    }

    [Fact]
    public void A_few_texts_in_two_splits_are_a_note()
    {
        var spec = Spec;
        var rows = File.ReadAllLines(spec.TestFile!);
        File.WriteAllLines(spec.TestFile!, [.. rows, File.ReadLines(spec.Validation!).First(), File.ReadLines(spec.Train!).First()]);
        Shared(spec).Should().BeEmpty();
        TinyRun.Train(spec, RunMode.Overwrite).Notes.Should()
            .Contain("1 of 8 test texts are also training texts: a score on them says nothing about new texts.")
            .And.ContainMatch("1 of 8 test texts are also validation texts, *.");
    }

    /// <summary>The warnings of rows in two splits, as the run's record has them; no note repeats them.</summary>
    private string[] Shared(RunSpec spec)
    {
        var run = TinyRun.Train(spec, RunMode.Overwrite);
        var said = Record()["warnings"]!.AsArray().Where(warning => warning!["symptom"]!.GetValue<string>() == "shared_rows")
            .Select(warning => warning!["message"]!.GetValue<string>()).ToArray();
        run.Notes.Should().NotContain(note => said.Contains(note.TrimEnd('.')));
        return said;
    }

    [Fact]
    public void Test_rows_without_a_label_are_counted_in_a_note()
    {
        var spec = Spec;
        var rows = File.ReadAllLines(spec.TestFile!);
        string WithoutTarget(string row) => row[..row.IndexOf(",\"target_ids", StringComparison.Ordinal)] + "}";
        File.WriteAllLines(spec.TestFile!, rows.Select((row, i) => i < 2 ? WithoutTarget(row) : row));
        var run = TinyRun.Train(spec);
        run.Result.Test!.N.Should().Be(4);
        run.Notes.Should().Contain("Only 4 of 6 test rows have a label that counts: the others are predicted, not scored.");
    }

    [Theory]
    [InlineData("nothing.jsonl", "*cannot be the train split: no such file.")]
    [InlineData("one", "*cannot be the train split: it is a folder, expected a file.")]
    [InlineData("rows.txt", "*is not a data file*")]
    public void A_file_that_is_none_is_refused_before_anything_is_written(string name, string message)
    {
        var spec = Spec;
        _folder.Write("rows.txt", "x");
        FluentActions.Invoking(() => TinyRun.Train(spec with { Train = _folder.File(name) })).Should().Throw<DataException>().WithMessage(message);
        Directory.Exists(Run).Should().BeFalse();
    }

    [Fact]
    public void A_test_file_beside_test_rows_from_the_validation_split_is_a_contradiction()
    {
        foreach (var spec in new[] { Spec with { TestFromValidation = true }, Spec with { ValidationFromTrain = true } })
            spec.Validate().Should().ContainSingle().Which.Key.Should().Be("test_file");
    }

    public void Dispose() => _folder.Dispose();

    private string Rows(string folder, int count, int seed)
    {
        Directory.CreateDirectory(_folder.File(folder));
        var other = TinyFolder.WriteRows(_folder, folder + "-all", train: seed + count);
        var path = _folder.File(folder, "rows.jsonl");
        File.WriteAllLines(path, File.ReadLines(Path.Combine(other, "train.jsonl")).Skip(seed));
        return path;
    }

    private JsonObject Record() => JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "run.json")))!.AsObject();

    private void Change(Action<JsonObject> change)
    {
        var record = Record();
        change(record);
        File.WriteAllText(Path.Combine(Run, "run.json"), record.ToJsonString());
    }
}

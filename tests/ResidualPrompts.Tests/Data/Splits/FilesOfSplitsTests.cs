using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Splits;

/// <summary>A data source whose splits come from files in several places.</summary>
public sealed class FilesOfSplitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_takes_the_place_of_the_folders_own_and_other_splits_stay()
    {
        Write("train.jsonl", "own");
        Write("validation.jsonl", "own");
        Write("test.jsonl", "own");
        var source = Open(_folder.Path, (DataSplit.Validation, Write("other.csv", "other")));
        Text(source, DataSplit.Train).Should().Be("own");
        Text(source, DataSplit.Validation).Should().Be("other");
        Text(source, DataSplit.Test).Should().Be("own");
        source.Files.Keys.Should().Equal(DataSplit.Train, DataSplit.Validation, DataSplit.Test);
    }

    [Fact]
    public void Files_of_several_formats_are_one_data_set()
    {
        var source = Open(null, (DataSplit.Test, Write("c.tsv", "three")), (DataSplit.Train, Write("a.csv", "one")),
            (DataSplit.Validation, Write("b.jsonl", "two")));
        var splits = source.Load(new SplitOptions());
        new[] { splits.Train, splits.Validation!, splits.Test! }.Select(rows => rows[0].Text("text")).Should().Equal("one", "two", "three");
        splits.Digests().Keys.Should().Equal("train", "validation", "test");
    }

    [Fact]
    public void Two_files_for_a_split_do_not_matter_where_another_one_is_given()
    {
        Write("train.csv", "a");
        Write("train.jsonl", "b");
        Text(Open(_folder.Path, (DataSplit.Train, Write("mine.csv", "c"))), DataSplit.Train).Should().Be("c");
    }

    [Fact]
    public void A_single_file_that_another_one_replaces_is_said()
    {
        var (one, other) = (Write("one.csv", "one"), Write("other.csv", "other"));
        var source = Open(one, (DataSplit.Train, other));
        Text(source, DataSplit.Train).Should().Be("other");
        source.Findings.Select(finding => finding.Message).Should().Equal($"{one} is not read: the train rows come from {other}.");
    }

    [Fact]
    public void A_split_that_no_file_is_given_for_is_missing()
    {
        var file = Write("rows.csv", "a");
        FluentActions.Invoking(() => Open(null, (DataSplit.Test, file)).Read(DataSplit.Train)).Should().Throw<DataException>()
            .WithMessage($"There is no train split: only {file} is given.");
    }

    [Fact]
    public void The_halves_of_a_validation_split_have_a_seed_of_their_own()
    {
        File.WriteAllLines(_folder.File("train.csv"), ["text", "a"]);
        File.WriteAllLines(_folder.File("validation.csv"), Enumerable.Range(0, 20).Select(i => $"row {i}").Prepend("text"));
        int[] Test(SplitOptions options) => [.. DataSource.Open(_folder.Path).Load(options with { TestFromValidation = true }).Test!
            .Select(row => row.Index)];
        Test(new SplitOptions { Seed = 4 }).Should().Equal(Test(new SplitOptions()));
        Test(new SplitOptions { HalvingSeed = 4 }).Should().NotEqual(Test(new SplitOptions()));
    }

    [Fact]
    public void A_test_file_that_is_not_read_is_said()
    {
        File.WriteAllLines(_folder.File("train.csv"), ["text", "a", "b", "c"]);
        Write("validation.jsonl", "d");
        var test = Write("test.jsonl", "e");
        var splits = DataSource.Open(_folder.Path).Load(new SplitOptions { ValidationFromTrain = true });
        splits.Test!.Should().ContainSingle().Which.Text("text").Should().Be("d");
        splits.Notes.Should().Contain($"{test} is not read: the test split is the validation split.");
    }

    [Fact]
    public void A_digest_of_rows_depends_on_their_content_and_order()
    {
        var rows = new[] { Example.Of("text", "a", 1, 0), Example.Of("text", "b", 2, 1) };
        var digest = DataSplits.DigestOf(rows);
        DataSplits.DigestOf([Example.Of("text", "a", 9, 0), Example.Of("text", "b", 8, 1)]).Should().Be(digest, "lines say only where a row stands");
        DataSplits.DigestOf([rows[1], rows[0]]).Should().NotBe(digest);
        DataSplits.DigestOf([rows[0]]).Should().NotBe(digest);
        DataSplits.DigestOf([rows[0], Example.Of("text", "c", 2, 1)]).Should().NotBe(digest);
    }

    private static DataSource Open(string? path, params (DataSplit Split, string File)[] files) => DataSource.Open(path, options: new SourceOptions
    {
        SplitFiles = files.ToDictionary(file => file.Split, file => file.File),
    });

    private static string Text(DataSource source, DataSplit split) => source.Read(split).Should().ContainSingle().Which.Text("text");

    private string Write(string name, string text) =>
        _folder.Write(name, name.EndsWith(".jsonl", StringComparison.Ordinal) ? $"{{\"text\":\"{text}\"}}\n" : $"text\n{text}\n");
}

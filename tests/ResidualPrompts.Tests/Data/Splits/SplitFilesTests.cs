using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Splits;

public sealed class SplitFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DataSplit.Train, "train_full.jsonl", "train.jsonl")]
    [InlineData(DataSplit.Train, "train_full.tsv", "train.csv")]
    [InlineData(DataSplit.Validation, "dev.jsonl", "dev32.jsonl")]
    [InlineData(DataSplit.Validation, "validation.csv", "dev32.jsonl")]
    public void The_full_file_goes_before_a_part_of_it_and_that_is_said(DataSplit split, string full, string part)
    {
        Write(full, "text\nfull\n");
        Write(part, "text\npart\n");
        if (split != DataSplit.Train)
            Write("train.csv", "text\na\n");
        var source = DataSource.Open(_folder.Path);
        Names(source, split).Should().Equal(full);
        source.Load(new SplitOptions()).Findings.Should().Contain(
            new SplitFinding(SplitSurprise.UnreadFile, $"{part} in {_folder.Path} is not read: {full} takes precedence."));
    }

    [Fact]
    public void Upper_case_in_a_name_does_not_matter()
    {
        Write("Train.CSV", "text\na\n");
        Write("DEV.csv", "text\nb\n");
        var source = DataSource.Open(_folder.Path);
        Names(source, DataSplit.Train).Should().Equal("Train.CSV");
        Names(source, DataSplit.Validation).Should().Equal("DEV.csv");
    }

    [Fact]
    public void A_part_is_read_where_there_is_nothing_else()
    {
        Write("train.jsonl", "");
        Write("dev32.jsonl", "");
        Write("dev_subsample.jsonl", "");
        Write("readme.txt", "");
        var source = DataSource.Open(_folder.Path);
        source.Files.Should().HaveCount(2);
        Names(source, DataSplit.Validation).Should().Equal("dev32.jsonl");
    }

    [Theory]
    [InlineData("train", "train.jsonl", "train.jsonl.gz")]
    [InlineData("train", "train_full.csv", "train_full.parquet")]
    [InlineData("train", "train-00000-of-00001.parquet", "train.parquet")]
    [InlineData("train", "train-00000-of-00001.csv", "train-00000-of-00001.parquet")]
    [InlineData("train", "train-00000-of-00001.csv", "train-00001-of-00002.csv")]
    [InlineData("validation", "dev.tsv", "val.tsv")]
    [InlineData("validation", "Validation.csv", "dev.csv")]
    [InlineData("validation", "dev.jsonl", "validation-00000-of-00001.parquet")]
    public void Two_files_that_mean_the_same_split_are_named_and_refused(string split, string first, string second)
    {
        Write(first, "");
        Write(second, "");
        FluentActions.Invoking(() => DataSource.Open(_folder.Path)).Should().Throw<DataException>()
            .WithMessage($"*more than one file for the {split} split: {first}, {second}. Keep one*");
    }

    [Fact]
    public void Shards_are_one_split_in_the_order_of_their_numbers()
    {
        for (var i = 11; i >= 0; i--)
            Write($"train-{i:D5}-of-00012.csv", $"text\n{i} first\n{i} second\n");
        var rows = DataSource.Open(_folder.Path).Read(DataSplit.Train);
        rows.Select(row => row.Text("text")).Should().Equal(Enumerable.Range(0, 12).SelectMany(i => new[] { $"{i} first", $"{i} second" }));
        rows.Select(row => row.Index).Should().Equal(Enumerable.Range(0, 24));
        (rows[3].Line, Path.GetFileName(rows[3].Source)).Should().Be((3, "train-00001-of-00012.csv"));
    }

    [Theory]
    [InlineData("train-00000-of-00002.parquet", "1 shards of train with the numbers 0, expected all of 0 to 1.")]
    [InlineData("train-00002-of-00003.csv.gz", "1 shards of train with the numbers 2, expected all of 0 to 2.")]
    [InlineData("train-00001-of-00001.csv", "1 shards of train with the numbers 1, expected all of 0 to 0.")]
    public void A_missing_shard_is_an_error(string name, string message)
    {
        Write(name, "");
        FluentActions.Invoking(() => DataSource.Open(_folder.Path)).Should().Throw<DataException>().WithMessage("*" + message);
    }

    [Fact]
    public void A_single_file_is_what_it_is_said_to_be()
    {
        var path = Write("anything.csv", "text\na\n");
        DataSource.Open(path).Files.Keys.Should().Equal(DataSplit.Train);
        var source = DataSource.Open(path, options: new SourceOptions { SingleFileSplit = DataSplit.Test });
        source.Read(DataSplit.Test).Should().ContainSingle();
        FluentActions.Invoking(() => source.Read(DataSplit.Train)).Should().Throw<DataException>().WithMessage("*has no train split*");
    }

    [Fact]
    public void A_folder_without_the_split_says_what_it_holds()
    {
        Write("AX-b.jsonl", "");
        Directory.CreateDirectory(_folder.File("more"));
        FluentActions.Invoking(() => DataSource.Open(_folder.Path).Read(DataSplit.Test)).Should().Throw<DataException>()
            .WithMessage("*has no test split: expected test as .jsonl, .csv, .tsv, .parquet (or with .gz); it holds AX-b.jsonl, more/.");
    }

    [Fact]
    public void A_table_without_a_header_takes_the_names_that_are_given()
    {
        Write("train.tsv", "gj04\t1\t\tFine.\ngj04\t0\t*\tNot \"fine.\n");
        Write("test.tsv", "index\tsentence\n0\tFine.\n");
        var source = DataSource.Open(_folder.Path, new DataLayout { Columns = ["source", "label", "mark", "sentence"] });
        source.Read(DataSplit.Train).Select(row => (row.Line, row.Text("sentence"), row.Text("mark")))
            .Should().Equal((1, "Fine.", ""), (2, "Not \"fine.", "*"));
        source.Read(DataSplit.Test).Should().ContainSingle().Which.Text("sentence").Should().Be("Fine.");
    }

    [Fact]
    public void A_layout_names_the_files_of_a_task()
    {
        Write("train.csv", "text\na\n");
        Write("dev.csv", "text\na\n");
        Write("dev_matched-00000-of-00001.csv.gz", "text\na\n");
        var source = DataSource.Open(_folder.Path,
            new DataLayout { SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Validation] = ["validation_matched", "dev_matched"] } });
        Names(source, DataSplit.Validation).Should().Equal("dev_matched-00000-of-00001.csv.gz");
        Names(source, DataSplit.Train).Should().Equal("train.csv");
    }

    private static IEnumerable<string> Names(DataSource source, DataSplit split) => source.Files[split].Select(file => Path.GetFileName(file));

    private string Write(string name, string text)
    {
        if (name.EndsWith(".jsonl", StringComparison.Ordinal) && text.Length > 0)
            text = $"{{\"text\":\"{text.Split('\n')[1]}\"}}\n";
        return _folder.Write(name, text);
    }
}

using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Splits;

public sealed class DataSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train.jsonl", "validation.csv", "test.tsv")]
    [InlineData("train.csv", "val.tsv", "test.jsonl")]
    [InlineData("train.tsv", "dev.jsonl", "test.csv")]
    public void A_folder_holds_splits_in_any_format(params string[] names)
    {
        for (var i = 0; i < names.Length; i++)
            Write(names[i], i + 1);
        var splits = DataSource.Open(_folder.Path).Load(new SplitOptions());
        (splits.Train.Count, splits.Validation!.Count, splits.Test!.Count).Should().Be((1, 2, 3));
        splits.Notes.Should().BeEmpty();
    }

    [Theory]
    [InlineData("train", "train.csv", "train.jsonl")]
    [InlineData("validation", "dev.jsonl", "val.jsonl")]
    [InlineData("test", "test.jsonl", "test.tsv")]
    public void Two_files_for_one_split_are_named_and_refused(string split, string first, string second)
    {
        Write(first, 1);
        Write(second, 1);
        FluentActions.Invoking(() => DataSource.Open(_folder.Path)).Should().Throw<DataException>()
            .WithMessage($"*more than one file for the {split} split: {first}, {second}*");
    }

    [Fact]
    public void One_file_is_divided_by_the_seed_class_by_class()
    {
        var source = DataSource.Open(Labelled("rows.csv", 80, 20));
        var splits = source.Load(new SplitOptions { Seed = 1 }, Rows.ClassOf);
        splits.Validation!.CountBy(Rows.ClassOf).Select(size => size.Value).Should().Equal(8, 2);
        Rows.Indices(splits.Train.Concat(splits.Validation!)).Order().Should().Equal(Enumerable.Range(0, 100));
        splits.Test.Should().BeNull();
        splits.Notes.Should().ContainSingle().Which.Should().Match("*rows.csv has no validation split: 10 of 100 rows are held out for it.");
        Rows.Indices(source.Load(new SplitOptions { Seed = 1 }, Rows.ClassOf).Validation!).Should().Equal(Rows.Indices(splits.Validation!));
        Rows.Indices(source.Load(new SplitOptions { Seed = 2 }, Rows.ClassOf).Validation!).Should().NotEqual(Rows.Indices(splits.Validation!));
    }

    [Fact]
    public void A_fraction_of_zero_leaves_no_validation()
    {
        var splits = DataSource.Open(Labelled("rows.csv", 5, 5)).Load(new SplitOptions { ValidationFraction = 0 }, Rows.ClassOf);
        splits.Train.Should().HaveCount(10);
        splits.Validation.Should().BeNull();
        splits.Notes.Should().BeEmpty();
    }

    [Fact]
    public void Too_few_rows_leave_no_validation_and_say_so()
    {
        var splits = DataSource.Open(Labelled("rows.csv", 1, 1)).Load(new SplitOptions(), Rows.ClassOf);
        splits.Train.Should().HaveCount(2);
        splits.Validation.Should().BeNull();
        splits.Findings.Should().ContainSingle().Which.Surprise.Should().Be(SplitSurprise.NothingHeldOut);
    }

    [Fact]
    public void Few_shot_rows_are_the_same_in_every_run_and_validation_comes_from_the_others()
    {
        var source = DataSource.Open(Labelled("rows.csv", 50, 50));
        var first = source.Load(new SplitOptions { Seed = 1, FewShotPerClass = 5 }, Rows.ClassOf);
        var second = source.Load(new SplitOptions { Seed = 2, FewShotPerClass = 5 }, Rows.ClassOf);
        first.Train.CountBy(Rows.ClassOf).Select(size => size.Value).Should().Equal(5, 5);
        Rows.Indices(first.Train).Should().Equal(Rows.Indices(second.Train));
        Rows.Indices(first.Validation!).Should().NotIntersectWith(Rows.Indices(first.Train)).And.NotEqual(Rows.Indices(second.Validation!));
        first.Validation!.CountBy(Rows.ClassOf).Select(size => size.Value).Should().Equal(5, 5); // round(0.1 · 45)
        Rows.Indices(source.Load(new SplitOptions { FewShotPerClass = 5, FewShotSeed = 9 }, Rows.ClassOf).Train)
            .Should().NotEqual(Rows.Indices(first.Train));
    }

    [Fact]
    public void Rows_that_do_not_train_still_validate()
    {
        bool Trains(Example row) => Rows.ClassOf(row) == "1";
        var source = DataSource.Open(Labelled("rows.csv", 30, 20));
        var splits = source.Load(new SplitOptions(), Rows.ClassOf, Trains);
        splits.Train.CountBy(Rows.ClassOf).Should().Equal([new("1", 18)]);
        splits.Validation!.CountBy(Rows.ClassOf).Should().Equal([new("0", 3), new("1", 2)]);
        var fewShot = source.Load(new SplitOptions { FewShotPerClass = 4 }, Rows.ClassOf, Trains);
        fewShot.Train.CountBy(Rows.ClassOf).Should().Equal([new("1", 4)]);
        fewShot.Validation!.Select(Rows.ClassOf).Should().Contain("0");
        FluentActions.Invoking(() => source.Load(new SplitOptions(), Rows.ClassOf, _ => false)).Should().Throw<DataException>()
            .WithMessage("*rows.csv, after selecting the training rows, holds no rows.");
    }

    [Fact]
    public void A_test_split_is_half_of_the_validation_split_when_asked_for()
    {
        Write("train.csv", 1);
        Write("validation.csv", 11);
        Write("test.csv", 3);
        var source = DataSource.Open(_folder.Path);
        var splits = source.Load(new SplitOptions { TestFromValidation = true });
        (splits.Validation!.Count, splits.Test!.Count).Should().Be((5, 6));
        Rows.Indices(splits.Validation.Concat(splits.Test)).Order().Should().Equal(Enumerable.Range(0, 11));
        splits.Notes.Should().ContainSingle().Which.Should().Match("*test.csv is not read*");
        Rows.Indices(source.Load(new SplitOptions { TestFromValidation = true, Seed = 5 }).Test!).Should().Equal(Rows.Indices(splits.Test));
    }

    [Fact]
    public void A_test_split_needs_rows_to_be_taken_from()
    {
        var source = DataSource.Open(Labelled("rows.csv", 10));
        FluentActions.Invoking(() => source.Load(new SplitOptions { TestFromValidation = true, ValidationFraction = 0 }))
            .Should().Throw<DataException>().WithMessage("*0 rows: expected at least 2.");
        FluentActions.Invoking(() => source.Load(new SplitOptions { TestFromValidation = true })).Should().Throw<DataException>()
            .WithMessage("*1 rows: expected at least 2.");
    }

    [Fact]
    public void Validation_can_be_limited_to_some_rows_of_each_class()
    {
        Labelled("train.csv", 3, 3);
        Labelled("dev.csv", 30, 2);
        var splits = DataSource.Open(_folder.Path).Load(new SplitOptions { ValidationPerClass = 4 }, Rows.ClassOf);
        splits.Validation!.CountBy(Rows.ClassOf).Should().Equal([new("0", 4), new("1", 2)]);
        splits.Findings.Should().Equal(
            new SplitFinding(SplitSurprise.SmallValidationClass, "Class '1' has 2 rows, 4 were asked for: all are taken.", 2));
    }

    [Fact]
    public void What_is_missing_or_empty_is_an_error()
    {
        Write("validation.csv", 1);
        Write("test.csv", 0);
        var source = DataSource.Open(_folder.Path);
        FluentActions.Invoking(() => source.Load(new SplitOptions())).Should().Throw<DataException>()
            .WithMessage("*has no train split: expected train_full, train as .jsonl, .csv, .tsv, .parquet (or with .gz); it holds test.csv, "
            + "validation.csv.");
        FluentActions.Invoking(() => source.Read(DataSplit.Test)).Should().Throw<DataException>().WithMessage("*test.csv holds no rows.");
        FluentActions.Invoking(() => DataSource.Open(_folder.File("nothing"))).Should().Throw<DataException>()
            .WithMessage("No data '*nothing': neither a folder, a file nor a bundled data set (copa, rotten-tomatoes, subj, wsc).");
        FluentActions.Invoking(() => DataSource.Open(_folder.Write("rows.txt", "x"))).Should().Throw<DataException>()
            .WithMessage("*not a data file*'.txt'*");
        DataSource.Open(_folder.Write("ROWS.CSV", "text\nt\n")).Read(DataSplit.Train).Should().HaveCount(1);
    }

    [Theory]
    [InlineData("copa", 400, 100, 500)]
    [InlineData("rotten-tomatoes", 8530, 1066, 1066)]
    [InlineData("subj", 8000, 1000, 1000)]
    [InlineData("wsc", 554, 104, 146)]
    public void Bundled_data_is_found_by_its_name(string name, int train, int validation, int test)
    {
        BundledDataSets.Names.Should().Contain(name);
        var splits = DataSource.Open(BundledDataSets.Locate(name)).Load(new SplitOptions());
        (splits.Train.Count, splits.Validation!.Count, splits.Test!.Count).Should().Be((train, validation, test));
    }

    [Fact]
    public void Data_is_a_bundled_name_or_a_path()
    {
        BundledDataSets.Locate(_folder.Path).Should().Be(_folder.Path);
        BundledDataSets.Locate(Write("rows.csv", 1)).Should().EndWith("rows.csv");
        FluentActions.Invoking(() => BundledDataSets.Locate("cupa")).Should().Throw<DataException>().WithMessage("No data 'cupa'*copa*");
    }

    /// <summary>A file with so many rows that have a text, in the format of its name.</summary>
    private string Write(string name, int count)
    {
        var isJson = name.EndsWith("jsonl", StringComparison.Ordinal);
        return _folder.Write(name, (isJson ? "" : "text\n") + string.Concat(Enumerable.Repeat(isJson ? "{\"text\":\"t\"}\n" : "t\n", count)));
    }

    /// <summary>A CSV file of rows with labels 0, 1, …, as many of each as it says.</summary>
    private string Labelled(string name, params int[] sizes) =>
        _folder.Write(name, "text,label\n" + string.Concat(sizes.SelectMany((size, label) => Enumerable.Repeat($"t,{label}\n", size))));
}

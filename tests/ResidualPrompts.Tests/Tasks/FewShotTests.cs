using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

/// <summary>What k rows of each class are for tasks with classes, with one class, and with none.</summary>
public sealed class FewShotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("copa", 5, 10)]
    [InlineData("wsc_bool", 5, 10)]
    [InlineData("wsc", 5, 5)] // only rows whose pronoun refers to the span teach
    public void Each_class_gives_k_rows_the_same_in_every_run(string name, int k, int expected)
    {
        var rows = Train(name, new SplitOptions { FewShotPerClass = k });
        rows.Should().HaveCount(expected);
        Rows.Indices(rows).Should().Equal(Rows.Indices(Train(name, new SplitOptions { FewShotPerClass = k, Seed = 7 })));
        Rows.Indices(rows).Should().NotEqual(Rows.Indices(Train(name, new SplitOptions { FewShotPerClass = k, FewShotSeed = 1 })));
        var task = BuiltInTasks.Find(name);
        rows.CountBy(row => task.ClassOf(row)!).Should().OnlyContain(pair => pair.Value == k);
    }

    [Fact]
    public void A_task_without_classes_gives_k_rows_in_all_and_says_so()
    {
        var task = BuiltInTasks.Find("stsb");
        _folder.Write("train.tsv", "sentence1\tsentence2\tscore\n"
            + string.Concat(Enumerable.Range(0, 30).Select(i => $"a {i}\tb\t{i / 6.0:0.000}\n")));
        var splits = DataSource.Open(_folder.Path, task.Layout).Load(new SplitOptions { FewShotPerClass = 4 }, task.ClassOf, task.Trains);
        splits.Train.Should().HaveCount(4);
        splits.Notes.Should().Contain("The training rows have no classes: 4 rows in all are chosen.");
    }

    [Fact]
    public void A_class_that_is_too_small_is_reported_by_its_word()
    {
        var task = BuiltInTasks.Find("cb");
        _folder.Write("train.jsonl", string.Join('\n', Enumerable.Range(0, 9)
            .Select(i => $$"""{"premise":"p","hypothesis":"h","label":"{{(i == 0 ? "neutral" : i % 2 == 0 ? "entailment" : "contradiction")}}"}""")));
        var splits = DataSource.Open(_folder.Path, task.Layout).Load(new SplitOptions { FewShotPerClass = 3 }, task.ClassOf, task.Trains);
        splits.Train.Should().HaveCount(7);
        splits.Findings.Should().Contain(
            new SplitFinding(SplitSurprise.SmallTrainingClass, "Class 'neutral' has 1 row, 3 were asked for: all are taken.", 1));
    }

    [Fact]
    public void Validation_may_come_from_the_training_rows_and_the_validation_split_then_tests()
    {
        var task = BuiltInTasks.Find("copa");
        var source = DataSource.Open(BundledDataSets.Locate("copa"), task.Layout);
        var splits = source.Load(new SplitOptions { ValidationFromTrain = true, ValidationFraction = 0.25 }, task.ClassOf, task.Trains);
        splits.Validation.Should().HaveCount(100);
        splits.Train.Should().HaveCount(300);
        splits.Train.Concat(splits.Validation!).Select(row => row.Index).Should().OnlyHaveUniqueItems();
        Rows.Indices(splits.Test!).Should().Equal(Rows.Indices(source.Read(DataSplit.Validation)));
        splits.Test!.Should().OnlyContain(row => row.Source == source.Files[DataSplit.Validation][0]);
    }

    [Fact]
    public void Answers_to_a_question_stay_together()
    {
        var task = BuiltInTasks.Find("multirc");
        _folder.Write("train.jsonl", string.Join('\n', Enumerable.Range(0, 40)
            .Select(i => $$"""{"paragraph":"p","question":"q","answer":"a","idx":{"paragraph":{{i / 8}},"question":{{i / 4}},"answer":{{i}}},"labe"""
            + $$"""l":{{i % 2}}}""")));
        var splits = DataSource.Open(_folder.Path, task.Layout)
            .Load(new SplitOptions { ValidationFraction = 0.5, ValidationPerClass = 3, FewShotPerClass = 1 }, task.ClassOf, task.Trains,
            task.GroupOf);
        splits.Train.Should().HaveCount(2);
        splits.Validation!.CountBy(row => task.GroupOf(row)!).Should().HaveCount(3).And.OnlyContain(group => group.Value == 4);
        splits.Validation!.Select(task.GroupOf).Should().NotIntersectWith(splits.Train.Select(task.GroupOf));
    }

    private static IReadOnlyList<Example> Train(string name, SplitOptions options)
    {
        var task = BuiltInTasks.Find(name);
        return DataSource.Open(BundledDataSets.Locate(task.DataSet!), task.Layout).Load(options, task.ClassOf, task.Trains).Train;
    }
}

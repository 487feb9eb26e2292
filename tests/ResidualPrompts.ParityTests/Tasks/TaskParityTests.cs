using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.ParityTests.Tokenization;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.ParityTests.Tasks;

/// <summary>Rows of the bundled data against the repaired values of Golden/tasks: what the original does, with its mistakes corrected.</summary>
public sealed class TaskParityTests
{
    private const int MaxInputTokens = 512;

    [Theory]
    [InlineData("wsc", 80)]
    [InlineData("copa", 80)]
    public void Texts_targets_and_ids_are_those_of_the_golden_rows(string name, int expectedCount)
    {
        var task = BuiltInTasks.Find(name);
        var source = DataSource.Open(BundledDataSets.Locate(name));
        var splits = new[] { DataSplit.Train, DataSplit.Validation }.ToDictionary(split => split, source.Read);
        var tokenizer = TokenizerGolden.Tokenizer("t5");
        var count = 0;
        foreach (var golden in TokenizerGolden.Lines(Golden.Path("tasks", $"{name}.jsonl")))
        {
            var split = Enum.Parse<DataSplit>(golden.GetProperty("split").GetString()!, ignoreCase: true);
            var row = splits[split][golden.GetProperty("index").GetInt32()];
            var read = task.ReadLabelled(row);
            var because = $"{name} {split} {row.Index}";
            read.Index.Should().Be(row.Index);
            read.Text.Should().Be(Fixed(golden, "text").GetString(), because);
            read.TargetText.Should().Be(Fixed(golden, "target").GetString(), because);
            read.LabelIndex.Should().Be(golden.GetProperty("label").GetInt32(), because);
            tokenizer.Encode(read.Text, MaxInputTokens).Should().Equal(Ids(Fixed(golden, "source_ids")), because);
            tokenizer.Encode(read.TargetText!).Should().Equal(Ids(Fixed(golden, "target_ids")), because);
            if (split == DataSplit.Train && golden.TryGetProperty("fixed", out var repaired) && repaired.TryGetProperty("use", out var use))
                task.Trains(row).Should().Be(use.GetString() == "train", because);
            count++;
        }

        count.Should().Be(expectedCount);
    }

    [Fact]
    public void Always_no_scores_66_of_104_on_the_winograd_schema_challenge()
    {
        var task = BuiltInTasks.Find("wsc");
        var rows = DataSource.Open(BundledDataSets.Locate("wsc")).Read(DataSplit.Validation).Select(task.ReadLabelled).ToList();
        rows.Count(row => task.Judge(row, "nothing-of-the-kind") == row.Reference).Should().Be(66);
        rows.Should().HaveCount(104);
    }

    /// <summary>The repaired value where there is one, else the original's.</summary>
    private static JsonElement Fixed(JsonElement golden, string name) =>
        golden.TryGetProperty("fixed", out var repaired) && repaired.TryGetProperty(name, out var value) ? value : golden.GetProperty(name);

    private static IEnumerable<int> Ids(JsonElement ids) => ids.EnumerateArray().Select(id => id.GetInt32());
}

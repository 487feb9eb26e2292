using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.ParityTests.Tokenization;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.ParityTests.Tasks;

/// <summary>Compares what a task makes of the rows of a folder, or of one file, with golden rows.</summary>
internal sealed class GoldenTask(TaskDefinition task, string data)
{
    private const int MaxInputTokens = 512;
    private readonly Dictionary<DataSplit, Dictionary<int, Example>> _splits = [];
    private readonly ExampleEncoder _encoder = new(task, TokenizerGolden.Tokenizer("t5"), MaxInputTokens, virtualTokenCount: 0, _ => null);

    /// <summary>How many golden rows agree; the first that does not fails the test.</summary>
    internal int Check(IEnumerable<JsonElement> goldenRows, bool isOriginal)
    {
        var count = 0;
        foreach (var golden in goldenRows)
        {
            var text = Value(golden, "text", isOriginal);
            var rows = Rows(Enum.Parse<DataSplit>(golden.GetProperty("split").GetString()!, ignoreCase: true));
            var index = golden.GetProperty("index").GetInt32();
            if (text.ValueKind == JsonValueKind.Null)
            {
                rows.Should().NotContainKey(index);
                continue;
            }

            Check(rows[index], golden, text.GetString()!, isOriginal);
            count++;
        }

        return count;
    }

    private void Check(Example row, JsonElement golden, string text, bool isOriginal)
    {
        var read = task.ReadLabelled(row);
        var because = $"{task.Name} {golden.GetProperty("split").GetString()} {row.Index}";
        read.Text.Should().Be(text, because);
        read.TargetText.Should().Be(Value(golden, "target", isOriginal).GetString(), because);
        _encoder.Input(read).Should().Equal(Ids(Value(golden, "source_ids", isOriginal)), because);
        _encoder.Target(read.TargetText!).Should().Equal(Ids(Value(golden, "target_ids", isOriginal)), because);
        if (golden.TryGetProperty("label", out var label))
            read.LabelIndex.Should().Be(label.GetInt32(), because);
        if (golden.TryGetProperty("group", out var group))
            read.Group.Should().Be(JsonSerializer.Serialize(group), because);
        if (!isOriginal && golden.TryGetProperty("answers", out var answers))
            read.Answers.Should().Equal(answers.EnumerateArray().Select(answer => answer.GetString()), because);
        if (!isOriginal && golden.TryGetProperty("score", out var score))
            read.Reference.Should().Be(score.GetString(), because);
        if (!isOriginal && golden.GetProperty("split").GetString() == "train" && golden.TryGetProperty("fixed", out var repaired)
            && repaired.TryGetProperty("use", out var use))
            task.Trains(row).Should().Be(use.GetString() == "train", because);
    }

    private Dictionary<int, Example> Rows(DataSplit split)
    {
        if (!_splits.TryGetValue(split, out var rows))
            _splits.Add(split, rows = (File.Exists(data) ? ExampleFile.Read(data, task.Layout) : DataSource.Open(data, task.Layout).Read(split))
                .ToDictionary(row => row.Index));
        return rows;
    }

    /// <summary>The repaired value where there is one and it is asked for, else the original's.</summary>
    private static JsonElement Value(JsonElement golden, string name, bool isOriginal) =>
        !isOriginal && golden.TryGetProperty("fixed", out var repaired) && repaired.TryGetProperty(name, out var value) ? value
            : golden.GetProperty(name);

    private static IEnumerable<int> Ids(JsonElement ids) => ids.EnumerateArray().Select(id => id.GetInt32());
}

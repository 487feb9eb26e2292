using System.Text.Json;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.ParityTests.Evaluation;

/// <summary>Metrics against scikit-learn's, from Golden/metrics.</summary>
public sealed class MetricParityTests
{
    private static readonly JsonElement[] GoldenCases = [.. JsonDocument.Parse(File.ReadAllText(Golden.Path("metrics", "metrics.json"))).RootElement.EnumerateArray()];

    /// <summary>Cases whose metrics are all of those that there are: accuracy and macro F1 over labels, and the word rule of wsc.</summary>
    public static TheoryData<string> Ids => [.. GoldenCases.Where(item => item.GetProperty("metric").GetString() is "accuracy" or "accuracy,f1_macro").Select(item => item.GetProperty("id").GetString()!)];

    [Fact]
    public void No_case_is_left_out_by_mistake() => Ids.Should().HaveCount(19);

    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_are_those_of_scikit_learn(string id)
    {
        var item = GoldenCases.Single(item => item.GetProperty("id").GetString() == id);
        var report = item.GetProperty("task").GetString() == "wsc" ? Winograd(item) : Labels(item);
        var expected = item.GetProperty("expected");
        report.Count.Should().Be(expected.GetProperty("n").GetInt32());
        if (expected.TryGetProperty("invalid", out var invalid))
            report.InvalidCount.Should().Be(invalid.GetInt32());
        foreach (var name in item.GetProperty("metric").GetString()!.Split(','))
        {
            var metric = report.Metrics.Single(metric => metric.Name == name);
            if (expected.GetProperty(name).ValueKind == JsonValueKind.Null)
                metric.Should().Be(new Metric(name, null, item.GetProperty("undefined").GetProperty(name).GetString()));
            else
                metric.Value.Should().BeApproximately(expected.GetProperty(name).GetDouble(), 1e-9);
        }
    }

    private static ClassificationReport Labels(JsonElement item)
    {
        var labels = LabelWords.Of([.. Texts(item, "labels").Index().Select(label => ($"{label.Index}", label.Item))]);
        var task = new TaskDefinition { Name = "golden", Labels = labels };
        return ClassificationReport.Of(Texts(item, "predictions").Zip(Texts(item, "references"), (answer, reference) =>
            new Prediction(0, task.Judge(new TaskExample(0, "", reference, labels.FindWord(reference), reference), answer), reference)), labels.Words);
    }

    private static ClassificationReport Winograd(JsonElement item)
    {
        var task = BuiltInTasks.Find("wsc");
        var words = task.Labels!.Words;
        return ClassificationReport.Of(Texts(item, "predictions").Zip(item.GetProperty("references").EnumerateArray(), (answer, reference) =>
        {
            var label = reference.GetProperty("label").GetInt32();
            return new Prediction(0, task.Judge(new TaskExample(0, "", reference.GetProperty("referent").GetString(), label, words[label]), answer), words[label]);
        }), words);
    }

    private static string[] Texts(JsonElement item, string name) => [.. item.GetProperty(name).EnumerateArray().Select(text => text.GetString()!)];
}

using System.Text;
using System.Text.Json;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.ParityTests.Evaluation;

/// <summary>Metrics against those of scikit-learn and SciPy, and of the original's own scoring, from Golden/metrics.</summary>
public sealed class MetricParityTests
{
    private static readonly JsonElement[] GoldenCases = [.. JsonDocument.Parse(File.ReadAllText(Golden.Path("metrics", "metrics.json")))
        .RootElement.EnumerateArray()];
    private static readonly JsonElement[] Texts = [.. JsonDocument.Parse(File.ReadAllText(Golden.Path("metrics", "normalize.json")))
        .RootElement.EnumerateArray()];

    public static TheoryData<string> Ids => [.. GoldenCases.Select(IdOf)];

    // The original compares with what is left of targets cut to ten tokens, which takes a tokenizer: pub-051 has such targets.
    public static TheoryData<string> OriginalIds =>
        [.. GoldenCases.Where(item => item.GetProperty("reference_code").ValueKind != JsonValueKind.Null).Select(IdOf).Where(id => id != "pub-051")];

    [Fact]
    public void No_case_is_left_out_by_mistake() => (Ids.Count, OriginalIds.Count, Texts.Length).Should().Be((60, 56, 40));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Values_are_those_of_scikit_learn_and_scipy(string id)
    {
        var item = Case(id);
        var report = Report(item, BuiltInTasks.Find(item.GetProperty("task").GetString()!));
        var expected = item.GetProperty("expected");
        report.Count.Should().Be(expected.GetProperty("n").GetInt32());
        report.InvalidCount.Should().Be(expected.TryGetProperty("invalid", out var invalid) ? invalid.GetInt32() : 0);
        foreach (var name in item.GetProperty("metric").GetString()!.Split(','))
        {
            if (expected.GetProperty(name).ValueKind == JsonValueKind.Null)
                report[name].Should().Be(new Metric(name, null, item.GetProperty("undefined").GetProperty(name).GetString()));
            else
                report[name].Value.Should().BeApproximately(expected.GetProperty(name).GetDouble(), 1e-9);
        }
    }

    [Theory]
    [MemberData(nameof(OriginalIds))]
    public void The_originals_values_are_those_of_its_own_scoring(string id)
    {
        var item = Case(id);
        var report = Report(item, OriginalTasks.Find(item.GetProperty("task").GetString()!));
        var expected = item.GetProperty("reference_code");
        foreach (var (metric, value) in report.Metrics.Zip(expected.ValueKind == JsonValueKind.Array ? [.. expected.EnumerateArray()]
            : new[] { expected }))
        {
            if (value.ValueKind == JsonValueKind.String)
                metric.Value.Should().BeNull("the original gives {0}", value);
            else
                metric.Value.Should().BeApproximately(value.GetDouble(), 1e-9);
        }
    }

    [Fact]
    public void Texts_are_compared_as_squad_and_the_original_compare_them()
    {
        foreach (var text in Texts)
        {
            var given = text.GetProperty("text").GetString()!;
            AnswerMetrics.Normalize(given).Should().Be(text.GetProperty("squad").GetString(), given);
            OriginalText.Normalize(given).Should().Be(text.GetProperty("reference_code").GetString(), given);
        }
    }

    private static string IdOf(JsonElement item) => item.GetProperty("id").GetString()!;

    private static JsonElement Case(string id) => GoldenCases.Single(item => IdOf(item) == id);

    /// <summary>The case as a file of predictions.</summary>
    private static EvaluationReport Report(JsonElement item, TaskDefinition task)
    {
        var groups = item.TryGetProperty("groups", out var given) ? given.EnumerateArray().Select(group => group.GetRawText()).ToArray() : null;
        var lines = item.GetProperty("predictions").EnumerateArray().Zip(item.GetProperty("references").EnumerateArray()).Select((pair, i) =>
            $$"""{"prediction":{{pair.First.GetRawText()}},"referenc"""
                + $$"""e":{{pair.Second.GetRawText()}}{{(groups is null ? "" : $",\"group\":{groups[i]}")}}}""");
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return TaskMetrics.Of(task).Report(
            ExternalPredictions.Read(JsonLines.Read(TextLines.Read(stream, "predictions"), "predictions"), "predictions", task, null));
    }
}

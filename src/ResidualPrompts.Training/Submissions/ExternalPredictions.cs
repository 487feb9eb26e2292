using System.Globalization;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Submissions;

/// <summary>
/// Predictions from JSON Lines of any program: <c>prediction</c> with <c>reference</c> and, where rows belong together, <c>group</c>; or without
/// references, which then come from the rows of the data.
/// </summary>
internal static class ExternalPredictions
{
    /// <summary>Reads and judges predictions.</summary>
    /// <param name="lines">The lines.</param>
    /// <param name="source">Their name in messages.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The predicted rows, in order; null = the lines have the references.</param>
    /// <exception cref="DataException">A line lacks a field, or the number of predictions differs from the number of rows.</exception>
    public static IReadOnlyList<Prediction> Read(IEnumerable<Example> lines, string source, TaskDefinition task, IEnumerable<Example>? rows)
    {
        ArgumentNullException.ThrowIfNull(lines);
        ArgumentNullException.ThrowIfNull(task);
        Example[] all = [.. lines];
        if (rows is null)
            return [.. all.Select(line => Judge(task, line, Reference(task, line)))];
        TaskExample[] asked = [.. rows.Select(task.ReadLabelled)];
        if (all.Length > 0 && all.All(line => line.Has("index")))
        {
            var byIndex = asked.ToDictionary(row => row.Index);
            if (all.Select(line => line.Integer("index")).GroupBy(index => index).FirstOrDefault(same => same.Count() > 1) is { } twice)
            {
                var second = all.Last(line => line.Integer("index") == twice.Key).Line;
                throw DataException.AtLine(source, second, string.Create(CultureInfo.InvariantCulture, $"a second prediction for row {twice.Key}"));
            }

            DataException NoSuchRow(Example line) => line.Problem(
                string.Create(CultureInfo.InvariantCulture, $"'index' is {line.Integer("index")}, which is not a row of the data"));

            asked =
            [
                .. all.Select(line => byIndex.GetValueOrDefault(line.Integer("index")) ?? throw NoSuchRow(line)),
                .. asked.ExceptBy(all.Select(line => line.Integer("index")), row => row.Index),
            ];
        }

        return all.Length == 0 || all.Length == asked.Length
            ? [.. all.Zip(asked, (line, row) => Judge(task, line, AsWritten(task, row)))]
            : throw DataException.PredictionCount(source, all.Length, asked.Length);
    }

    private static Prediction Judge(TaskDefinition task, Example line, TaskExample row)
    {
        const string Field = "prediction";
        var text = line.Has(Field) ? line.Value(Field) : "";
        // Numbers and truth values are read as in references; the predictions of a run are already judged.
        var judged = line.Json(Field) is { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } given
            ? JudgeValue(task, line, row, given)
            : task.AnswerRule == AnswerRule.Referent && row.TargetText is null
            ? task.Labels!.FindWord(text) is { } label ? task.Labels.Words[label] : null
            : task.Judge(row, text);
        return new Prediction(row.Index, judged, row.Reference, null, text) { Answers = row.Answers, Group = row.Group, Cluster = row.Cluster };
    }

    private static string? JudgeValue(TaskDefinition task, Example line, TaskExample row, JsonElement given)
    {
        var text = given.GetRawText();
        if (task is { Labels: { } labels, AnswerRule: AnswerRule.LabelWord or AnswerRule.Referent })
            return LabelIn(labels, text) is { } label ? labels.Words[label] : null;
        return task is { AnswerRule: AnswerRule.Original, Labels: null } && SimilarityScore.Parse(text) is not null
            ? task.Judge(row, SimilarityScore.Truncated(line.With((SimilarityScore.Field, given))) ?? text)
            : task.Judge(row, text);
    }

    /// <summary>With the original's definition, references are prepared like answers.</summary>
    private static TaskExample AsWritten(TaskDefinition task, TaskExample row) =>
        task.MaxTargetTokens is null || row.TargetText is null ? row : row with { Reference = task.Judge(row, row.TargetText) };

    private static TaskExample Reference(TaskDefinition task, Example line)
    {
        const string Field = "reference";
        if (line.Json(Field) is not { } reference)
            throw line.Problem($"no '{Field}'; give data and split when the lines have none");
        var group = line.Json("group") is { } json ? JsonSerializer.Serialize(json) : null;
        var row = new TaskExample(line.Index, "", null, null, null)
        {
            Group = group,
            Cluster = line.Has(PredictionJson.Cluster) ? line.Value(PredictionJson.Cluster) : null,
        };
        switch (task.AnswerRule)
        {
            case AnswerRule.LabelWord:
            case AnswerRule.Referent when reference.ValueKind != JsonValueKind.Object:
                return row with { Reference = LabelOf(task, line, Field) };
            case AnswerRule.Referent:
                return row with { TargetText = line.Text($"{Field}.referent"), Reference = LabelOf(task, line, $"{Field}.label") };
            case AnswerRule.Number:
                var number = line.Value(Field);
                return SimilarityScore.Parse(number) is not null
                    ? row with { Reference = number }
                    : throw line.Problem($"'{Field}' is '{ShownText.Value(number)}', expected a number");
            case AnswerRule.Original when task.Labels is null: // a score
                return AsWritten(task, row with { TargetText = SimilarityScore.Truncated(line.With((SimilarityScore.Field, reference))) });
            default:
                IReadOnlyList<string> answers = reference.ValueKind == JsonValueKind.Array ? line.Texts(Field) : [line.Value(Field)];
                return task.MaxTargetTokens is null
                    ? row with { Answers = answers }
                    : AsWritten(task, row with { TargetText = string.Join(Template.ListSeparator, answers) });
        }
    }

    private static int? LabelIn(LabelWords labels, string value) => labels.FindWord(value) ?? labels.Match(value);

    private static string? LabelOf(TaskDefinition task, Example line, string field)
    {
        var value = line.Value(field);
        if (task.Labels is not { } labels)
            return value;
        return LabelIn(labels, value) is { } label
            ? labels.Words[label]
            : throw line.Problem($"'{field}' is '{ShownText.Value(value)}', expected {string.Join(", ", labels.Words.Select(word => $"'{word}'"))}");
    }
}

using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Submissions;

/// <summary>
/// Predictions in the formats of the leaderboards of GLUE (TSV) and SuperGLUE (JSON Lines). An answer that is not a label becomes the first
/// label.
/// </summary>
internal static class SubmissionFile
{
    private const double BestSimilarity = 5;

    /// <summary>The text of the file.</summary>
    /// <param name="task">The task.</param>
    /// <param name="rows">The rows of the test split.</param>
    /// <param name="predictions">A prediction for each row, in order.</param>
    /// <exception cref="InputException">No leaderboard accepts the task, or a row lacks its index.</exception>
    internal static string Text(TaskDefinition task, IReadOnlyList<Example> rows, IReadOnlyList<Prediction> predictions)
    {
        var format = SubmissionFormat.Of(task);
        var answers = predictions.Select(prediction => Answer(task, format, prediction)).ToList();
        var lines = format.FileName.EndsWith(".tsv", StringComparison.Ordinal)
            ? rows.Zip(answers, (row, answer) =>
                string.Create(CultureInfo.InvariantCulture, $"{Place(row, "index", "idx")}\t{answer}")).Prepend("index\tprediction")
            : task.Name == "multirc" ? Passages(rows, answers) : rows.Zip(answers, (row, answer) => Line(row, answer, format));
        return string.Concat(lines.Select(line => line + "\n"));
    }

    /// <summary>The number of a row: the first of some fields that it has, else its place.</summary>
    private static int Place(Example row, params string[] fields) => fields.FirstOrDefault(row.Has) is { } field ? row.Integer(field) : row.Index;

    private static string Answer(TaskDefinition task, SubmissionFormat format, Prediction prediction)
    {
        if (format.Labels is { } labels)
            return labels[prediction.Predicted is { } word ? task.Labels!.FindWord(word) ?? 0 : 0];
        return task.AnswerRule == AnswerRule.Number
            ? Math.Clamp(SimilarityScore.Parse(prediction.Predicted ?? "") ?? 0, 0, BestSimilarity).ToString("0.000", CultureInfo.InvariantCulture)
            : prediction.Predicted ?? "";
    }

    private static string Line(Example row, string answer, SubmissionFormat format) => Json(json =>
    {
        json.WriteNumber("idx", Place(row, "idx.query", "idx"));
        WriteLabel(json, answer, format.AreNumbers);
    });

    /// <summary>Answers nested in questions, and questions in passages, in the original order.</summary>
    private static IEnumerable<string> Passages(IReadOnlyList<Example> rows, IReadOnlyList<string> answers) =>
        rows.Zip(answers).GroupBy(pair => pair.First.Integer("idx.paragraph")).Select(passage => Json(json =>
        {
            json.WriteNumber("idx", passage.Key);
            json.WriteStartObject("passage");
            json.WriteStartArray("questions");
            foreach (var question in passage.GroupBy(pair => pair.First.Integer("idx.question")))
            {
                json.WriteStartObject();
                json.WriteNumber("idx", question.Key);
                json.WriteStartArray("answers");
                foreach (var (row, answer) in question)
                {
                    json.WriteStartObject();
                    json.WriteNumber("idx", row.Integer("idx.answer"));
                    WriteLabel(json, answer, isNumber: true);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));

    private static void WriteLabel(Utf8JsonWriter json, string label, bool isNumber)
    {
        json.WritePropertyName("label");
        if (isNumber)
            json.WriteRawValue(label);
        else
            json.WriteStringValue(label);
    }

    private static string Json(Action<Utf8JsonWriter> fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, JsonFormats.Relaxed))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}

using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Files;

namespace ResidualPrompts.Evaluation;

/// <summary>
/// Predictions as JSON Lines: index, prediction, reference, scores, invalid, and the generated text if any; in files of evaluated splits also the
/// row's cluster, if any, and its digest.
/// </summary>
internal static class PredictionJson
{
    internal const string Group = "group";
    internal const string Cluster = "cluster";
    internal const string Generated = "generated";
    private const string Index = "index";
    private const string PredictionName = "prediction";
    private const string Reference = "reference";
    private const string Scores = "scores";
    private const string Invalid = "invalid";

    /// <summary>Writes the predictions of an evaluated split, atomically.</summary>
    /// <param name="path">The file.</param>
    /// <param name="predictions">In the order of the rows.</param>
    /// <param name="rows">Their rows.</param>
    public static void Write(string path, IEnumerable<Prediction> predictions, IReadOnlyList<Example> rows) => AtomicFile.Write(
        path, stream => JsonLineFile.Write(stream, predictions.Zip(rows), (json, pair) => WriteEvaluated(json, pair.First, pair.Second)));

    /// <summary>Writes the fields of a prediction of an evaluated split.</summary>
    internal static void WriteEvaluated(Utf8JsonWriter json, Prediction prediction, Example row)
    {
        WriteFields(json, prediction);
        if (prediction.Cluster is { } cluster)
            json.WriteString(Cluster, cluster);
        json.WriteString("row", row.ShortDigest());
    }

    /// <summary>
    /// The names of a prediction's fields, in order; <c>group</c> and <c>generated</c> are present only when the task has them.
    /// </summary>
    public static IReadOnlyList<string> FieldNames { get; } = [Index, PredictionName, Reference, Group, Scores, Invalid, Generated];

    /// <summary>Writes the fields of one prediction.</summary>
    /// <param name="json">A writer inside an object.</param>
    /// <param name="prediction">The prediction.</param>
    /// <param name="prefix">Prefix of the field names.</param>
    public static void WriteFields(Utf8JsonWriter json, Prediction prediction, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(prediction);
        json.WriteNumber(prefix + Index, prediction.Index);
        json.WriteString(prefix + PredictionName, prediction.Predicted);
        if (prediction is { Reference: null, Answers: { } answers })
        {
            json.WriteStartArray(prefix + Reference);
            foreach (var answer in answers)
                json.WriteStringValue(answer);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString(prefix + Reference, prediction.Reference);
        }

        if (prediction.Group is { } group)
        {
            json.WritePropertyName(prefix + Group);
            json.WriteRawValue(group);
        }

        if (prediction.Scores is { } scores)
        {
            json.WriteStartArray(prefix + Scores);
            foreach (var score in scores)
                json.WriteNumberValue(score);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull(prefix + Scores);
        }

        json.WriteBoolean(prefix + Invalid, prediction.Invalid);
        if (prediction.Generated is { } generated)
            json.WriteString(prefix + Generated, generated);
    }
}

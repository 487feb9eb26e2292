using System.Text.Encodings.Web;
using System.Text.Json;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs;

/// <summary>Predictions as JSON Lines: index, prediction, reference, scores, invalid, and the generated text where there is one.</summary>
public static class PredictionFile
{
    private static readonly JsonWriterOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file as a whole.</summary>
    /// <param name="path">The file.</param>
    /// <param name="predictions">In the order of the rows.</param>
    public static void Write(string path, IEnumerable<Prediction> predictions) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, Relaxed);
        foreach (var prediction in predictions)
        {
            json.WriteStartObject();
            WriteFields(json, prediction);
            json.WriteEndObject();
            json.Flush();
            json.Reset();
            stream.WriteByte((byte)'\n');
        }
    });

    /// <summary>Writes the fields of one prediction.</summary>
    /// <param name="json">Inside an object.</param>
    /// <param name="prediction">The prediction.</param>
    public static void WriteFields(Utf8JsonWriter json, Prediction prediction)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(prediction);
        json.WriteNumber("index", prediction.Index);
        json.WriteString("prediction", prediction.Predicted);
        if (prediction is { Reference: null, Answers: { } answers })
        {
            json.WriteStartArray("reference");
            foreach (var answer in answers)
                json.WriteStringValue(answer);
            json.WriteEndArray();
        }
        else
        {
            json.WriteString("reference", prediction.Reference);
        }

        if (prediction.Group is { } group)
        {
            json.WritePropertyName("group");
            json.WriteRawValue(group);
        }

        if (prediction.Scores is { } scores)
        {
            json.WriteStartArray("scores");
            foreach (var score in scores)
                json.WriteNumberValue(score);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("scores");
        }

        json.WriteBoolean("invalid", prediction.Invalid);
        if (prediction.Generated is { } generated)
            json.WriteString("generated", generated);
    }
}

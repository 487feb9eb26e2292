using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Predictions;

/// <summary>A row and its prediction.</summary>
/// <param name="Row">The row.</param>
/// <param name="Prediction">The prediction.</param>
public sealed record PredictedRow(Example Row, Prediction Prediction)
{
    /// <summary>Writes the row's own fields as in its file, then the fields of the prediction.</summary>
    /// <param name="json">A writer inside an object.</param>
    /// <param name="prefix">Prefix of the prediction's field names.</param>
    /// <exception cref="DataException">A field of the row has the same name as a field of the prediction.</exception>
    public void WriteFields(Utf8JsonWriter json, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(json);
        CheckNames(Row, prefix);
        Row.WriteFields(json);
        PredictionJson.WriteFields(json, Prediction, prefix);
    }

    /// <summary>Checks that no field of a row has the name of a prediction's field.</summary>
    /// <exception cref="DataException">A field has such a name.</exception>
    internal static void CheckNames(Example row, string prefix)
    {
        foreach (var name in row.OwnFields)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && PredictionJson.FieldNames.Contains(name[prefix.Length..]))
            {
                throw row.Problem(
                    $"the row has a field '{name}', and so does its prediction; give the fields of predictions a prefix",
                    new Remedy.SetSetting("prefix", Hint: "a text such as model_"));
            }
        }
    }
}

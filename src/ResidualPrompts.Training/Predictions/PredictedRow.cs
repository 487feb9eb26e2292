using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Predictions;

/// <summary>A row and what was predicted for it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Prediction">The prediction.</param>
public sealed record PredictedRow(Example Row, Prediction Prediction)
{
    /// <summary>Writes the row's own fields as they stand in its file, and those of the prediction after them.</summary>
    /// <param name="json">Inside an object.</param>
    /// <param name="prefix">What goes before the names of the prediction's fields.</param>
    /// <exception cref="DataException">The row has a field of the same name as the prediction.</exception>
    public void WriteFields(Utf8JsonWriter json, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(json);
        CheckNames(Row, prefix);
        Row.WriteFields(json);
        PredictionJson.WriteFields(json, Prediction, prefix);
    }

    /// <summary>Makes sure that no field of a row has the name of a prediction's field.</summary>
    /// <exception cref="DataException">One has.</exception>
    internal static void CheckNames(Example row, string prefix)
    {
        foreach (var name in row.OwnFields)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal) && PredictionJson.FieldNames.Contains(name[prefix.Length..]))
                throw row.Problem($"the row has a field '{name}', as its prediction has; give the fields of predictions a prefix", new Remedy.SetSetting("prefix", Hint: "a text such as model_"));
        }
    }
}

using System.Buffers;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Files;

namespace ResidualPrompts.Predictions;

/// <summary>Predicted rows as lines of JSON or of a table.</summary>
internal sealed class PredictedRowFormat
{
    private readonly string _prefix;
    private readonly TableWriter? _table;
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <param name="files">The files, which determine the format.</param>
    /// <param name="prefix">Prefix of the prediction's field names.</param>
    /// <param name="first">The first row of the input, whose fields are the columns of a table.</param>
    /// <param name="predictor">The predictor, which determines the fields of predictions.</param>
    /// <exception cref="DataException">
    /// A field of the row has the same name as a field of its prediction, or a name that a table cannot hold.
    /// </exception>
    public PredictedRowFormat(PredictionPaths files, string prefix, Example first, RowPredictor predictor)
    {
        _prefix = prefix;
        PredictedRow.CheckNames(first, prefix);
        if (!files.IsTable)
            return;
        _table = new TableWriter([.. first.OwnFields, .. predictor.FieldNames.Select(name => prefix + name)], isCsv: files.Extension == ".csv");
        Header = AtRow(first, _table.Header);
    }

    /// <summary>The bytes before the first row.</summary>
    public byte[] Header { get; } = [];

    /// <summary>The bytes of a row, with its line break.</summary>
    /// <exception cref="DataException">The format cannot hold the row.</exception>
    public ReadOnlySpan<byte> Row(PredictedRow predicted)
    {
        AtRow(predicted.Row, () => WriteJson(predicted));
        if (_table is null)
        {
            _line.Write("\n"u8);
            return _line.WrittenSpan;
        }

        return AtRow(predicted.Row, () => _table.Row(JsonElement.Parse(_line.WrittenSpan)));
    }

    private int WriteJson(PredictedRow predicted)
    {
        _line.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_line, JsonFormats.Relaxed);
        json.WriteStartObject();
        predicted.WriteFields(json, _prefix);
        json.WriteEndObject();
        json.Flush();
        return _line.WrittenCount;
    }

    /// <summary>Reports a write error as an error of the row. Only JSON can contain an unpaired surrogate.</summary>
    private static T AtRow<T>(Example row, Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or ArgumentException)
        {
            throw row.Problem(e.Message);
        }
    }
}

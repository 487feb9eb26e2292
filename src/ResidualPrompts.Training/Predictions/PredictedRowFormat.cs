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

    /// <param name="files">Says which kind of file it is.</param>
    /// <param name="prefix">What goes before the names of the prediction's fields.</param>
    /// <param name="first">The first row of the input, whose fields are the columns of a table.</param>
    /// <param name="predictor">Says which fields predictions have.</param>
    /// <exception cref="DataException">The row has a field of the same name as its prediction, or one that no table can have.</exception>
    public PredictedRowFormat(PredictionPaths files, string prefix, Example first, RowPredictor predictor)
    {
        _prefix = prefix;
        PredictedRow.CheckNames(first, prefix);
        if (!files.IsTable)
            return;
        _table = new TableWriter([.. first.OwnFields, .. predictor.FieldNames.Select(name => prefix + name)], isCsv: files.Extension == ".csv");
        Header = AtRow(first, _table.Header);
    }

    /// <summary>What comes before the first row.</summary>
    public byte[] Header { get; } = [];

    /// <summary>A row with its line break.</summary>
    /// <exception cref="DataException">It cannot be written in this format.</exception>
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

    /// <summary>What cannot be written is the row's fault. Half of a surrogate pair is no character, and JSON alone can hold one.</summary>
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

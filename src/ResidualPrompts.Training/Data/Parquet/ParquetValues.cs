using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Parquet.Data;
using Parquet.Schema;

namespace ResidualPrompts.Data.Parquet;

/// <summary>Writes the values of a Parquet column as JSON: numbers and booleans as they are, everything else as strings.</summary>
internal static class ParquetValues
{
    /// <summary>The function that writes the value at a position of the column.</summary>
    /// <param name="data">The values.</param>
    /// <param name="field">The column.</param>
    /// <param name="isText">Whether the schema marks the bytes as text.</param>
    /// <exception cref="InvalidDataException">The column has an unsupported type.</exception>
    public static Action<Utf8JsonWriter, int> WriterOf(RawColumnData data, DataField field, bool isText) => data switch
    {
        RawColumnData<ReadOnlyMemory<byte>> column => (json, i) => WriteBytes(json, column.Values[i].Span, isText),
        RawColumnData<ReadOnlyMemory<char>> column => (json, i) => json.WriteStringValue(column.Values[i].Span),
        RawColumnData<bool> column => (json, i) => json.WriteBooleanValue(column.Values[i]),
        RawColumnData<sbyte> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<byte> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<short> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<ushort> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<int> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<uint> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<long> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<ulong> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<decimal> column => (json, i) => json.WriteNumberValue(column.Values[i]),
        RawColumnData<float> column => (json, i) => WriteNumber(json, column.Values[i], float.IsFinite(column.Values[i]), json.WriteNumberValue),
        RawColumnData<double> column => (json, i) => WriteNumber(json, column.Values[i], double.IsFinite(column.Values[i]), json.WriteNumberValue),
        RawColumnData<DateTime> column => (json, i) => json.WriteStringValue(column.Values[i]),
        RawColumnData<DateOnly> column => (json, i) => WriteText(json, column.Values[i], "O"),
        RawColumnData<TimeOnly> column => (json, i) => WriteText(json, column.Values[i], "O"),
        RawColumnData<TimeSpan> column => (json, i) => WriteText(json, column.Values[i], "c"),
        RawColumnData<Guid> column => (json, i) => json.WriteStringValue(column.Values[i]),
        _ => throw new InvalidDataException($"column {field.Path} is of type {field.ClrType.Name}, which is not supported"),
    };

    /// <summary>A string where the bytes are text; else base64, as for images.</summary>
    private static void WriteBytes(Utf8JsonWriter json, ReadOnlySpan<byte> bytes, bool isText)
    {
        if (Utf8.IsValid(bytes))
            json.WriteStringValue(bytes);
        else if (isText)
            throw new InvalidDataException("not valid UTF-8");
        else
            json.WriteBase64StringValue(bytes);
    }

    private static void WriteNumber<T>(Utf8JsonWriter json, T number, bool isFinite, Action<T> write)
        where T : IFormattable
    {
        if (isFinite)
            write(number);
        else
            WriteText(json, number, null); // JSON cannot represent NaN
    }

    private static void WriteText<T>(Utf8JsonWriter json, T value, string? format)
        where T : IFormattable => json.WriteStringValue(value.ToString(format, CultureInfo.InvariantCulture));
}

using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Unicode;
using Parquet.Data;

namespace ResidualPrompts.Data.Parquet;

/// <summary>Writes the values of a Parquet column as JSON: numbers and booleans as they are, everything else as strings.</summary>
internal static class ParquetValues
{
    /// <summary>The function that writes the value at a position of the column.</summary>
    /// <param name="data">The values as they are stored.</param>
    /// <param name="type">The column's type.</param>
    /// <exception cref="NotSupportedException">The column has an unsupported type.</exception>
    public static Action<Utf8JsonWriter, int> WriterOf(RawColumnData data, ParquetType type) => data switch
    {
        RawColumnData<ReadOnlyMemory<byte>> column => BytesWriter(column, type),
        RawColumnData<bool> column => (json, i) => json.WriteBooleanValue(column.Values[i]),
        RawColumnData<int> column => type.Meaning == ParquetMeaning.Unsigned
            ? (json, i) => json.WriteNumberValue((uint)column.Values[i])
            : WholeWriter(type, i => column.Values[i]),
        RawColumnData<long> column => type.Meaning == ParquetMeaning.Unsigned
            ? (json, i) => json.WriteNumberValue((ulong)column.Values[i])
            : WholeWriter(type, i => column.Values[i]),
        RawColumnData<float> column => (json, i) => WriteFloat(json, column.Values[i]),
        RawColumnData<double> column => (json, i) => WriteNumber(json, column.Values[i], double.IsFinite(column.Values[i]), json.WriteNumberValue),
        _ => throw new NotSupportedException($"its type, {type.Physical}, cannot be read"),
    };

    private static Action<Utf8JsonWriter, int> WholeWriter(ParquetType type, Func<int, long> values) => type.Meaning switch
    {
        ParquetMeaning.Decimal => (json, i) => json.WriteRawValue(ParquetDecimal.Text(values(i), type.Scale)),
        ParquetMeaning.Date => (json, i) => json.WriteStringValue(ParquetTime.Date(values(i))),
        ParquetMeaning.Time => (json, i) => json.WriteStringValue(ParquetTime.TimeOfDay(values(i), type.Unit)),
        ParquetMeaning.Timestamp => (json, i) => json.WriteStringValue(ParquetTime.Timestamp(values(i), type.Unit, type.IsUtc)),
        _ => (json, i) => json.WriteNumberValue(values(i)),
    };

    private static Action<Utf8JsonWriter, int> BytesWriter(RawColumnData<ReadOnlyMemory<byte>> column, ParquetType type)
    {
        var isText = type.Meaning == ParquetMeaning.Text;
        return type.Meaning switch
        {
            ParquetMeaning.Decimal => (json, i) => json.WriteRawValue(ParquetDecimal.Text(Digits(column.Values[i].Span), type.Scale)),
            ParquetMeaning.JulianTimestamp => (json, i) => json.WriteStringValue(ParquetTime.Julian(column.Values[i].Span)),
            ParquetMeaning.Interval => (json, i) => json.WriteStringValue(ParquetTime.Interval(column.Values[i].Span)),
            ParquetMeaning.Uuid => (json, i) => json.WriteStringValue(new Guid(column.Values[i].Span, bigEndian: true)),
            ParquetMeaning.Half => (json, i) => WriteFloat(json, (float)BitConverter.ToHalf(column.Values[i].Span)),
            _ => (json, i) => WriteBytes(json, column.Values[i].Span, isText),
        };
    }

    private static BigInteger Digits(ReadOnlySpan<byte> bytes) => bytes.Length <= ParquetType.MostDigits / 2 ? new(bytes, isBigEndian: true)
        : throw new InvalidDataException($"a decimal number of {bytes.Length} bytes has more than {ParquetType.MostDigits} digits");

    private static void WriteFloat(Utf8JsonWriter json, float number) => WriteNumber(json, number, float.IsFinite(number), json.WriteNumberValue);

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
            json.WriteStringValue(number.ToString(null, CultureInfo.InvariantCulture)); // JSON cannot represent NaN
    }
}

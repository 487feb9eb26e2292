using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Parquet;
using Parquet.File.Values.Primitives;
using Parquet.Schema;

namespace ResidualPrompts.Data.Parquet;

/// <summary>A column of a Parquet file under construction: collects the values of a row group.</summary>
/// <param name="place">The field of the schema.</param>
internal abstract class ParquetWrittenColumn(Field place)
{
    private const int LongestFixed = 16;

    /// <summary>The field of the schema.</summary>
    public Field Field => place;

    /// <summary>How values are stored, where the column has the type of a column of another file.</summary>
    public ParquetPhysical? Physical { get; private init; }

    /// <summary>Number of rows collected.</summary>
    public int Count { get; private set; }

    /// <summary>The column of the first of some kinds.</summary>
    public static ParquetWrittenColumn Of(string name, ParquetColumnKinds kinds) => kinds switch
    {
        ParquetColumnKinds.All => new Texts(name),
        _ when kinds.HasFlag(ParquetColumnKinds.Boolean) => new Values<bool>(name, value => value.GetBoolean()),
        _ when kinds.HasFlag(ParquetColumnKinds.Integer) => new Values<long>(name, value => value.GetInt64()),
        _ when kinds.HasFlag(ParquetColumnKinds.Unsigned) => new Values<ulong>(name, value => value.GetUInt64()),
        _ when kinds.HasFlag(ParquetColumnKinds.Number) => new Values<double>(name, value => value.GetDouble()),
        _ when kinds.HasFlag(ParquetColumnKinds.Integers) => new Lists<long>(name, value => value.GetInt64()),
        _ when kinds.HasFlag(ParquetColumnKinds.Numbers) => new Lists<double>(name, value => value.GetDouble()),
        _ => new Texts(name),
    };

    /// <summary>The column of a type, all of whose values were read from a column of it; null when the values decide.</summary>
    public static ParquetWrittenColumn? Of(string name, ParquetType type) => type.Physical switch
    {
        ParquetPhysical.Boolean => new Values<bool>(name, value => value.GetBoolean()) { Physical = type.Physical },
        ParquetPhysical.Int32 => new Values<int>(name, Narrow(Whole(type))) { Physical = type.Physical },
        ParquetPhysical.Int64 => new Values<long>(name, Whole(type)) { Physical = type.Physical },
        ParquetPhysical.Int96 => new Values<Interval>(name, value => Twelve(ParquetTime.ParseJulian(Text(value)))) { Physical = type.Physical },
        ParquetPhysical.Float => new Values<float>(name, value => (float)Number(value)) { Physical = type.Physical },
        ParquetPhysical.Double => new Values<double>(name, Number) { Physical = type.Physical },
        _ => OfBytes(name, type),
    };

    /// <summary>Adds the value of the next row; null where the row lacks it.</summary>
    public void Add(JsonElement? value)
    {
        Keep(value is { ValueKind: not JsonValueKind.Null } ? value : null);
        Count++;
    }

    /// <summary>Writes the values of the row group and clears them.</summary>
    public void Write(ParquetRowGroupWriter group, DataField leaf)
    {
        Put(group, leaf).GetAwaiter().GetResult();
        Count = 0;
    }

    protected abstract void Keep(JsonElement? value);

    protected abstract Task Put(ParquetRowGroupWriter group, DataField leaf);

    private static ParquetWrittenColumn? OfBytes(string name, ParquetType type) => type.Meaning switch
    {
        ParquetMeaning.Text => new Texts(name) { Physical = ParquetPhysical.Bytes },
        // Parquet.Net writes bytes of a fixed length for these types only.
        ParquetMeaning.Decimal when type is { Physical: ParquetPhysical.FixedBytes, Length: <= LongestFixed } =>
            new Values<Guid>(name, value => Sixteen(Digits(value, type))) { Physical = ParquetPhysical.FixedBytes },
        ParquetMeaning.Uuid => new Values<Guid>(name, value => value.GetGuid()) { Physical = ParquetPhysical.FixedBytes },
        ParquetMeaning.Interval =>
            new Values<Interval>(name, value => Twelve(ParquetTime.ParseInterval(Text(value)))) { Physical = ParquetPhysical.FixedBytes },
        ParquetMeaning.Decimal => new Values<ReadOnlyMemory<byte>>(
            name, value => Digits(value, type).ToByteArray(isBigEndian: true))
        { Physical = ParquetPhysical.Bytes },
        ParquetMeaning.Half => new Values<float>(name, value => (float)Number(value)),
        _ => null,
    };

    private static Func<JsonElement, long> Whole(ParquetType type) => type.Meaning switch
    {
        ParquetMeaning.Decimal => value => (long)Digits(value, type),
        ParquetMeaning.Date => value => ParquetTime.ParseDate(Text(value)),
        ParquetMeaning.Time => value => ParquetTime.ParseTimeOfDay(Text(value), type.Unit),
        ParquetMeaning.Timestamp => value => ParquetTime.ParseTimestamp(Text(value), type.Unit),
        ParquetMeaning.Unsigned => value => unchecked((long)value.GetUInt64()),
        _ => value => value.GetInt64(),
    };

    private static Func<JsonElement, int> Narrow(Func<JsonElement, long> whole) => value => unchecked((int)whole(value));

    private static BigInteger Digits(JsonElement value, ParquetType type) => ParquetDecimal.Parse(value.GetRawText(), type.Scale);

    private static string Text(JsonElement value) => value.GetString()!;

    private static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? Text(value) : value.GetRawText();

    /// <summary>JSON cannot represent NaN, so it arrives as a string.</summary>
    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? double.Parse(Text(value), CultureInfo.InvariantCulture) : value.GetDouble();

    private static Interval Twelve(byte[] bytes) => new(
        BinaryPrimitives.ReadInt32LittleEndian(bytes),
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)),
        BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)));

    private static Guid Sixteen(BigInteger digits)
    {
        Span<byte> bytes = stackalloc byte[LongestFixed];
        bytes.Fill(digits.Sign < 0 ? byte.MaxValue : byte.MinValue);
        var count = digits.GetByteCount();
        digits.TryWriteBytes(bytes[(LongestFixed - count)..], out _, isBigEndian: true);
        return new Guid(bytes, bigEndian: true);
    }

    private sealed class Values<T>(string name, Func<JsonElement, T> read) : ParquetWrittenColumn(new DataField(name, typeof(T), isNullable: true))
        where T : struct
    {
        private readonly List<T?> _values = [];

        protected override void Keep(JsonElement? value) => _values.Add(value is { } given ? read(given) : null);

        protected override async Task Put(ParquetRowGroupWriter group, DataField leaf)
        {
            await group.WriteAsync<T>(leaf, _values.ToArray());
            _values.Clear();
        }
    }

    private sealed class Texts(string name) : ParquetWrittenColumn(new DataField<string>(name))
    {
        private readonly List<string?> _values = [];

        protected override void Keep(JsonElement? value) => _values.Add(value is { } given ? Shown(given) : null);

        protected override async Task Put(ParquetRowGroupWriter group, DataField leaf)
        {
            await group.WriteAsync(leaf, _values!);
            _values.Clear();
        }
    }

    private sealed class Lists<T>(string name, Func<JsonElement, T> read) : ParquetWrittenColumn(new ListField(name, new DataField<T>("element")))
        where T : struct
    {
        private const int ListIsThere = 1;
        private const int ItemIsThere = 2;
        private readonly List<T> _values = [];
        private readonly List<int> _definitions = [];
        private readonly List<int> _repetitions = [];

        protected override void Keep(JsonElement? value)
        {
            var items = value?.EnumerateArray().Select(read).ToArray();
            if (items is not { Length: > 0 })
            {
                _definitions.Add(items is null ? 0 : ListIsThere);
                _repetitions.Add(0);
                return;
            }

            for (var i = 0; i < items.Length; i++)
            {
                _values.Add(items[i]);
                _definitions.Add(ItemIsThere);
                _repetitions.Add(i == 0 ? 0 : 1);
            }
        }

        protected override async Task Put(ParquetRowGroupWriter group, DataField leaf)
        {
            await group.WriteAllPartsAsync<T>(leaf, _values.ToArray(), _definitions.ToArray(), _repetitions.ToArray(), CancellationToken.None);
            _values.Clear();
            _definitions.Clear();
            _repetitions.Clear();
        }
    }
}

using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace ResidualPrompts.Data.Parquet;

/// <summary>A column of a Parquet file under construction: collects the values of a row group.</summary>
internal abstract class ParquetWrittenColumn(Field place)
{
    private static readonly Dictionary<Type, Func<string, ParquetWrittenColumn>> Typed = new()
    {
        [typeof(bool)] = name => new Values<bool>(name, value => value.GetBoolean()),
        [typeof(sbyte)] = name => new Values<sbyte>(name, value => value.GetSByte()),
        [typeof(byte)] = name => new Values<byte>(name, value => value.GetByte()),
        [typeof(short)] = name => new Values<short>(name, value => value.GetInt16()),
        [typeof(ushort)] = name => new Values<ushort>(name, value => value.GetUInt16()),
        [typeof(int)] = name => new Values<int>(name, value => value.GetInt32()),
        [typeof(uint)] = name => new Values<uint>(name, value => value.GetUInt32()),
        [typeof(long)] = name => new Values<long>(name, value => value.GetInt64()),
        [typeof(ulong)] = name => new Values<ulong>(name, value => value.GetUInt64()),
        [typeof(float)] = name => new Values<float>(name, value => (float)Number(value)),
        [typeof(double)] = name => new Values<double>(name, Number),
    };

    /// <summary>The field of the schema.</summary>
    public Field Field => place;

    /// <summary>The column of a kind.</summary>
    public static ParquetWrittenColumn Of(string name, ParquetColumnKind kind) => kind switch
    {
        ParquetColumnKind.Boolean => Typed[typeof(bool)](name),
        ParquetColumnKind.Integer => Typed[typeof(long)](name),
        ParquetColumnKind.Number => Typed[typeof(double)](name),
        ParquetColumnKind.Integers => new Lists<long>(name, value => value.GetInt64()),
        ParquetColumnKind.Numbers => new Lists<double>(name, value => value.GetDouble()),
        _ => new Texts(name),
    };

    /// <summary>The column of a .NET type, which must fit all values; null when no column has that type and the values decide.</summary>
    public static ParquetWrittenColumn? Of(string name, Type type) => Typed.GetValueOrDefault(type)?.Invoke(name);

    /// <summary>Adds the value of the next row; null where the row lacks it.</summary>
    public abstract void Add(JsonElement? value);

    /// <summary>Writes the values of the row group and clears them.</summary>
    public abstract void Write(ParquetRowGroupWriter group, DataField leaf);

    private static JsonElement? Given(JsonElement? value) => value is { ValueKind: not JsonValueKind.Null } ? value : null;

    /// <summary>JSON cannot represent NaN, so it arrives as a string.</summary>
    private static double Number(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? double.Parse(value.GetString()!, CultureInfo.InvariantCulture) : value.GetDouble();

    private sealed class Values<T>(string name, Func<JsonElement, T> read) : ParquetWrittenColumn(new DataField<T?>(name))
        where T : struct
    {
        private readonly List<T?> _values = [];

        public override void Add(JsonElement? value) => _values.Add(Given(value) is { } given ? read(given) : null);

        public override void Write(ParquetRowGroupWriter group, DataField leaf)
        {
            group.WriteAsync<T>(leaf, _values.ToArray()).GetAwaiter().GetResult();
            _values.Clear();
        }
    }

    private sealed class Texts(string name) : ParquetWrittenColumn(new DataField<string>(name))
    {
        private readonly List<string?> _values = [];

        public override void Add(JsonElement? value) =>
            _values.Add(Given(value) is not { } given ? null : given.ValueKind == JsonValueKind.String ? given.GetString() : given.GetRawText());

        public override void Write(ParquetRowGroupWriter group, DataField leaf)
        {
            group.WriteAsync(leaf, _values!).GetAwaiter().GetResult();
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

        public override void Add(JsonElement? value)
        {
            var items = Given(value)?.EnumerateArray().Select(read).ToArray();
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

        public override void Write(ParquetRowGroupWriter group, DataField leaf)
        {
            group.WriteAllPartsAsync<T>(leaf, _values.ToArray(), _definitions.ToArray(), _repetitions.ToArray(), CancellationToken.None)
                .GetAwaiter().GetResult();
            _values.Clear();
            _definitions.Clear();
            _repetitions.Clear();
        }
    }
}

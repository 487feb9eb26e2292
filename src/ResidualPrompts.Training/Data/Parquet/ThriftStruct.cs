using System.Buffers.Binary;
using System.Text;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// A struct in Thrift's compact protocol, in which Parquet files describe themselves. Fields that no reader knows are kept or passed over, so
/// that a file of a newer version of the format stays readable.
/// </summary>
internal sealed class ThriftStruct
{
    private const int Deepest = 64;

    // Types of the compact protocol.
    private const int True = 1;
    private const int False = 2;
    private const int Int8 = 3;
    private const int Int64 = 6;
    private const int Double = 7;
    private const int Binary = 8;
    private const int ListType = 9;
    private const int Set = 10;
    private const int Map = 11;
    private const int StructType = 12;
    private const int Uuid = 13;

    private readonly List<(short Id, object Value)> _fields = [];

    /// <summary>Whether the struct has a field.</summary>
    public bool Has(short id) => Find(id) is not null;

    /// <summary>A whole number; null when the field is missing or is something else.</summary>
    public long? Number(short id) => Find(id) is Whole whole ? whole.Value : null;

    /// <summary>A truth value; false when the field is missing.</summary>
    public bool Flag(short id) => Find(id) is true;

    /// <summary>A text; null when the field is missing.</summary>
    public string? Text(short id) => Find(id) is byte[] bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>A struct; null when the field is missing.</summary>
    public ThriftStruct? Struct(short id) => Find(id) as ThriftStruct;

    /// <summary>The structs of a list; empty when the field is missing.</summary>
    public IReadOnlyList<ThriftStruct> Structs(short id) => Find(id) is Items items ? [.. items.Values.OfType<ThriftStruct>()] : [];

    /// <summary>The texts of a list; empty when the field is missing.</summary>
    public IEnumerable<string> Texts(short id) =>
        Find(id) is Items items ? items.Values.OfType<byte[]>().Select(bytes => Encoding.UTF8.GetString(bytes)) : [];

    /// <summary>Sets a 32-bit number.</summary>
    public void Set32(short id, int value) => Put(id, new Whole(5, value));

    /// <summary>Sets a 64-bit number.</summary>
    public void Set64(short id, long value) => Put(id, new Whole(Int64, value));

    /// <summary>Sets a text.</summary>
    public void SetText(short id, string value) => Put(id, Encoding.UTF8.GetBytes(value));

    /// <summary>Sets a list of texts.</summary>
    public void SetTexts(short id, params IEnumerable<string> values) =>
        Put(id, new Items(Binary, [.. values.Select(value => Encoding.UTF8.GetBytes(value))]));

    /// <summary>Sets a struct.</summary>
    public void SetStruct(short id, ThriftStruct value) => Put(id, value);

    /// <summary>Sets a list of structs.</summary>
    public void SetStructs(short id, IEnumerable<ThriftStruct> values) => Put(id, new Items(StructType, [.. values]));

    /// <summary>Takes over a field of another struct, or removes it where the other lacks it.</summary>
    public void Take(short id, ThriftStruct other)
    {
        if (other.Find(id) is { } value)
            Put(id, value);
        else
            Remove(id);
    }

    /// <summary>Removes fields.</summary>
    public void Remove(params short[] ids) => _fields.RemoveAll(field => ids.Contains(field.Id));

    /// <summary>Reads a struct.</summary>
    /// <param name="stream">A seekable stream; afterwards at the byte after the struct.</param>
    /// <param name="end">The position that nothing of the struct may pass.</param>
    /// <exception cref="InvalidDataException">The bytes are no struct.</exception>
    public static ThriftStruct Read(Stream stream, long end) => ReadStruct(new Source(stream, end), 0);

    /// <summary>Writes the struct.</summary>
    public void Write(Stream stream)
    {
        short last = 0;
        foreach (var (id, value) in _fields.OrderBy(field => field.Id))
        {
            var type = TypeOf(value);
            if (id - last is > 0 and <= 15)
            {
                stream.WriteByte((byte)(((id - last) << 4) | type));
            }
            else
            {
                stream.WriteByte((byte)type);
                WriteVarint(stream, Zigzag(id));
            }

            WriteValue(stream, value);
            last = id;
        }

        stream.WriteByte(0);
    }

    private object? Find(short id)
    {
        foreach (var field in _fields)
        {
            if (field.Id == id)
                return field.Value;
        }

        return null;
    }

    private void Put(short id, object value)
    {
        Remove(id);
        _fields.Add((id, value));
    }

    private static ThriftStruct ReadStruct(Source source, int depth)
    {
        if (depth > Deepest)
            throw new InvalidDataException("its description is nested too deeply");
        var result = new ThriftStruct();
        short last = 0;
        while (true)
        {
            var head = source.Byte();
            if (head == 0)
                return result;
            last = head >> 4 == 0 ? (short)source.Whole() : (short)(last + (head >> 4));
            if (ReadValue(source, head & 15, depth) is { } value)
                result._fields.Add((last, value));
        }
    }

    /// <summary>A value; null for kinds that the format does not use.</summary>
    private static object? ReadValue(Source source, int type, int depth)
    {
        switch (type)
        {
            case True or False:
                return type == True;
            case Int8:
                return new Whole(type, (sbyte)source.Byte());
            case > Int8 and <= Int64:
                return new Whole(type, source.Whole());
            case Double:
                return BinaryPrimitives.ReadDoubleLittleEndian(source.Bytes(sizeof(double)));
            case Binary:
                return source.Bytes(source.Count());
            case ListType or Set:
                var head = source.Byte();
                var count = head >> 4 == 15 ? source.Count() : head >> 4;
                return new Items(head & 15, ReadItems(source, head & 15, count, depth));
            case Map:
                var pairs = source.Count();
                var kinds = pairs == 0 ? 0 : source.Byte();
                for (var i = 0; i < 2 * pairs; i++)
                    _ = ReadItems(source, i % 2 == 0 ? kinds >> 4 : kinds & 15, 1, depth);
                return null;
            case StructType:
                return ReadStruct(source, depth + 1);
            case Uuid:
                _ = source.Bytes(16);
                return null;
            default:
                throw new InvalidDataException($"its description has a value of type {type}, which does not exist");
        }
    }

    private static List<object> ReadItems(Source source, int type, int count, int depth)
    {
        var items = new List<object>();
        for (var i = 0; i < count; i++)
        {
            if ((type is True or False ? source.Byte() == True : ReadValue(source, type, depth + 1)) is { } item)
                items.Add(item);
        }

        return items;
    }

    private static int TypeOf(object value) => value switch
    {
        bool flag => flag ? True : False,
        Whole whole => whole.Type,
        double => Double,
        byte[] => Binary,
        Items => ListType,
        _ => StructType,
    };

    private static void WriteValue(Stream stream, object value)
    {
        switch (value)
        {
            case Whole { Type: Int8 } small:
                stream.WriteByte((byte)small.Value);
                break;
            case Whole whole:
                WriteVarint(stream, Zigzag(whole.Value));
                break;
            case double number:
                Span<byte> eight = stackalloc byte[sizeof(double)];
                BinaryPrimitives.WriteDoubleLittleEndian(eight, number);
                stream.Write(eight);
                break;
            case byte[] bytes:
                WriteVarint(stream, (ulong)bytes.Length);
                stream.Write(bytes);
                break;
            case Items items:
                stream.WriteByte((byte)((Math.Min(items.Values.Count, 15) << 4) | items.Type));
                if (items.Values.Count >= 15)
                    WriteVarint(stream, (ulong)items.Values.Count);
                foreach (var item in items.Values)
                {
                    if (item is bool flag)
                        stream.WriteByte((byte)(flag ? True : False));
                    else
                        WriteValue(stream, item);
                }

                break;
            case ThriftStruct nested:
                nested.Write(stream);
                break;
        }
    }

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static void WriteVarint(Stream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private sealed record Whole(int Type, long Value);

    private sealed record Items(int Type, List<object> Values);

    /// <summary>Bytes up to an end.</summary>
    private readonly struct Source(Stream stream, long end)
    {
        private static InvalidDataException Cut => new("its description is cut short");

        public int Byte() => stream.Position < end && stream.ReadByte() is >= 0 and var value ? value : throw Cut;

        public byte[] Bytes(int count)
        {
            if (count > end - stream.Position)
                throw Cut;
            var bytes = new byte[count];
            stream.ReadExactly(bytes);
            return bytes;
        }

        /// <summary>A number of items, each of which takes a byte at least.</summary>
        public int Count() => Varint() is var count && count <= (ulong)(end - stream.Position) && count <= int.MaxValue ? (int)count : throw Cut;

        public long Whole() => Varint() is var value ? (long)(value >> 1) ^ -(long)(value & 1) : 0;

        private ulong Varint()
        {
            ulong value = 0;
            for (var shift = 0; shift < 64; shift += 7)
            {
                var next = Byte();
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }

            throw new InvalidDataException("its description has a number of more than 64 bits");
        }
    }
}

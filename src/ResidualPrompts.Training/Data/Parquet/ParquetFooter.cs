using System.Buffers.Binary;
using System.Globalization;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// The description at the end of a Parquet file. Columns that cannot be read are taken out of it, so that they do not spoil the others.
/// </summary>
internal sealed class ParquetFooter
{
    private const int MarkLength = 4;
    private const int TailLength = sizeof(int) + MarkLength;

    // Fields of the file, of a row group and of a column chunk.
    private const short SchemaField = 2;
    private const short GroupsField = 4;
    private const short ColumnsField = 1;
    private const short RowCountField = 3;
    private const short ChunkField = 3;
    private const short PathField = 3;
    private const short ValueCountField = 5;

    // A file of a few bytes may claim any number of values: repeated values take no room. All of them are read and written as rows.
    private const long ValuesWithoutDoubt = 1L << 22;
    private const int ValuesPerByte = 256;

    private readonly ThriftStruct _file;
    private readonly long _start;
    private readonly Dictionary<string, ParquetType> _types = [];
    private readonly Dictionary<string, string> _unreadable = [];

    private ParquetFooter(ThriftStruct file, long start)
    {
        (_file, _start) = (file, start);
        TakeOut();
    }

    /// <summary>Why a column (the whole column of rows, with all its parts) cannot be read, by its name.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => _unreadable;

    /// <summary>The schema's elements that hold values directly in a row, by name, as they stand in the file.</summary>
    public Dictionary<string, (ParquetType Type, ThriftStruct Element)> RowColumns { get; } = [];

    /// <summary>Reads the description.</summary>
    /// <param name="stream">The file.</param>
    /// <exception cref="InvalidDataException">The file has none, or none that can be right.</exception>
    public static ParquetFooter Read(Stream stream)
    {
        if (stream.Length < MarkLength + TailLength)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it has {stream.Length} bytes, which is too short"));
        Span<byte> tail = stackalloc byte[TailLength];
        stream.Position = stream.Length - TailLength;
        stream.ReadExactly(tail);
        if (tail[sizeof(int)..].SequenceEqual("PARE"u8))
            throw new InvalidDataException("it is encrypted");
        if (!tail[sizeof(int)..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("it does not end in PAR1; was it cut short?");
        var (length, end) = (BinaryPrimitives.ReadInt32LittleEndian(tail), stream.Length - TailLength);
        if (length < 1 || length > end - MarkLength)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"its description claims {length} bytes of {stream.Length}"));
        stream.Position = end - length;
        var footer = new ParquetFooter(ThriftStruct.Read(stream, end), end - length);
        footer.CheckClaims(stream.Length);
        return footer;
    }

    /// <summary>The key of a path.</summary>
    public static string Key(IEnumerable<string> path) => string.Join('\0', path);

    /// <summary>Gives columns of a written file the types of columns of another file.</summary>
    /// <param name="tail">The description with length and mark, as the file ends.</param>
    /// <param name="types">Type, annotations and storage of each such column, by name.</param>
    /// <returns>The end of the file instead.</returns>
    public static byte[] Retype(byte[] tail, IReadOnlyDictionary<string, (ParquetType Type, ThriftStruct Like, ParquetPhysical Physical)> types)
    {
        using var stream = new MemoryStream(tail);
        var footer = new ParquetFooter(ThriftStruct.Read(stream, tail.Length));
        foreach (var (name, elements) in Fields(footer._file.Structs(SchemaField)))
        {
            if (types.TryGetValue(name, out var found))
                found.Type.Restore(elements[0], found.Physical, found.Like);
        }

        foreach (var chunk in footer._file.Structs(GroupsField).SelectMany(Chunks))
        {
            if (!types.TryGetValue(chunk.Texts(PathField).First(), out var found))
                continue;
            chunk.Set32(1, (int)found.Physical);
            chunk.Remove(12); // statistics are ordered by type
        }

        return footer.Bytes();
    }

    /// <summary>The type of the column with a path.</summary>
    public ParquetType TypeOf(IEnumerable<string> path) => _types[Key(path)];

    /// <summary>The descriptions of the chunks of a row group, by the key of the column's path.</summary>
    public Dictionary<string, ThriftStruct> Chunks(int group)
    {
        var chunks = new Dictionary<string, ThriftStruct>();
        foreach (var chunk in Chunks(_file.Structs(GroupsField)[group]))
            chunks[Key(chunk.Texts(PathField))] = chunk;
        return chunks;
    }

    /// <summary>Takes columns out.</summary>
    /// <param name="reasons">Why each of them cannot be read, by its name.</param>
    public void Remove(IReadOnlyDictionary<string, string> reasons)
    {
        foreach (var (name, reason) in reasons)
            _unreadable.TryAdd(name, reason);
        var elements = _file.Structs(SchemaField);
        var kept = Fields(elements).Where(field => !reasons.ContainsKey(field.Name)).ToList();
        elements[0].Set32(5, kept.Count);
        _file.SetStructs(SchemaField, [elements[0], .. kept.SelectMany(field => field.Elements)]);
        foreach (var group in _file.Structs(GroupsField))
        {
            group.SetStructs(ColumnsField, group.Structs(ColumnsField).Where(column =>
                column.Struct(ChunkField)?.Texts(PathField).FirstOrDefault() is { } name && !reasons.ContainsKey(name)));
        }

        if (kept.Count == 0 && reasons.Count > 0)
            throw NothingLeft(reasons);
    }

    /// <summary>The error of a file none of whose columns can be read.</summary>
    /// <param name="reasons">Why, by their names.</param>
    public static InvalidDataException NothingLeft(IEnumerable<KeyValuePair<string, string>> reasons) =>
        new($"none of its columns can be read: {string.Join("; ", reasons.Select(each => $"{each.Key}: {each.Value}"))}");

    /// <summary>The file with this description.</summary>
    public Stream Apply(Stream stream) => new SplicedStream(stream, _start, Bytes());

    /// <summary>A file without rows for each column, to try which can be read.</summary>
    public IEnumerable<(string Name, Stream Empty)> Alone()
    {
        foreach (var (name, elements) in Fields(_file.Structs(SchemaField)))
        {
            var (root, file) = (new ThriftStruct(), new ThriftStruct());
            root.Take(4, _file.Structs(SchemaField)[0]);
            root.Set32(5, 1);
            file.Set32(1, 1);
            file.SetStructs(SchemaField, [root, .. elements]);
            file.Set32(3, 0);
            file.SetStructs(GroupsField, []);
            yield return (name, new MemoryStream([.. "PAR1"u8, .. new ParquetFooter(file).Bytes()]));
        }
    }

    private ParquetFooter(ThriftStruct file) => _file = file;

    private static IEnumerable<ThriftStruct> Chunks(ThriftStruct group) =>
        group.Structs(ColumnsField).Select(column => column.Struct(ChunkField)).OfType<ThriftStruct>();

    /// <summary>The fields of a row, each with all elements of its part of the schema.</summary>
    private static IEnumerable<(string Name, IReadOnlyList<ThriftStruct> Elements)> Fields(IReadOnlyList<ThriftStruct> elements)
    {
        for (var i = 1; i < elements.Count;)
        {
            var start = i;
            for (long open = 1; open > 0; open--, i++)
            {
                if (i == elements.Count)
                    throw new InvalidDataException("its schema is cut short");
                open += ParquetType.Children(elements[i]);
            }

            yield return (NameOf(elements[start]), [.. elements.Skip(start).Take(i - start)]);
        }
    }

    private static string NameOf(ThriftStruct element) => element.Text(4) ?? throw new InvalidDataException("its schema has a column without a name");

    /// <summary>Notes the types of all columns, leaves the reader only what is stored, and takes out what has a type that cannot be read.</summary>
    private void TakeOut()
    {
        var reasons = new Dictionary<string, string>();
        if (_file.Structs(SchemaField).Count == 0)
            throw new InvalidDataException("it has no schema");
        foreach (var (name, elements) in Fields(_file.Structs(SchemaField)))
        {
            try
            {
                var i = 0;
                NoteTypes(elements, ref i, []);
            }
            catch (NotSupportedException e)
            {
                reasons[name] = e.Message;
            }
        }

        foreach (var group in _file.Structs(GroupsField))
        {
            foreach (var column in group.Structs(ColumnsField))
            {
                // Statistics are of the type that the reader no longer sees; encrypted columns have nothing else.
                column.Struct(ChunkField)?.Remove(8, 12, 13, 14, 15, 16, 17);
                column.Remove(4, 5, 6, 7, 8, 9);
            }

            group.Remove(4);
        }

        _file.Remove(5, 7, 8, 9);
        Remove(reasons);
    }

    private void NoteTypes(IReadOnlyList<ThriftStruct> elements, ref int i, string[] above)
    {
        var element = elements[i++];
        string[] path = [.. above, NameOf(element)];
        if (ParquetType.IsLeaf(element))
        {
            var type = ParquetType.Of(element);
            if (above.Length == 0 && !ParquetType.IsRepeated(element))
                RowColumns[path[0]] = (type, ParquetType.Annotations(element));
            type.Strip(element);
            _types[Key(path)] = type;
            return;
        }

        if (element.Struct(10) is { } logical && !logical.Has(2) && !logical.Has(3))
            element.Remove(10); // of a group that is neither a map nor a list, but something newer
        var count = ParquetType.Children(element);
        if (count == 0)
            throw new NotSupportedException("it has a group without fields");
        for (var child = 0; child < count; child++)
            NoteTypes(elements, ref i, path);
    }

    private byte[] Bytes()
    {
        using var stream = new MemoryStream();
        _file.Write(stream);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)stream.Length);
        stream.Write(length);
        stream.Write("PAR1"u8);
        return stream.ToArray();
    }

    /// <summary>Checks that a file can hold what it claims.</summary>
    private void CheckClaims(long length)
    {
        var (values, rows) = ((Int128)0, (Int128)0);
        foreach (var group in _file.Structs(GroupsField))
        {
            rows += Claim(group, RowCountField);
            foreach (var chunk in Chunks(group))
                values += Claim(chunk, ValueCountField);
        }

        var most = Math.Max(ValuesWithoutDoubt, ValuesPerByte * length);
        if (Int128.Max(values, rows) > most)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"its {length} bytes claim {rows} rows with {values} values in all columns together, "
                    + $"expected at most {most} for a file of this size; "
                    + $"if that is right, write it as JSON Lines"));
        }
    }

    private static long Claim(ThriftStruct place, short field) => place.Number(field) is >= 0 and var count ? count
        : throw new InvalidDataException("a row group does not say how many values it has");
}

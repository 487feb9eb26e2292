using System.Globalization;
using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Parquet;

/// <summary>An open Parquet file. Any exception of Parquet.Net on a damaged file becomes a <see cref="DataException"/>.</summary>
internal sealed class ParquetFile : IDisposable
{
    // Decoded columns of a row group are in memory together, whatever the group's size in the file.
    private const long BytesWithoutDoubt = 1L << 27;
    private const int LargestRatio = 200;

    private readonly ParquetReader _reader;
    private readonly ParquetFooter _footer;
    private readonly Stream _stream;
    private readonly string _path;

    private ParquetFile(ParquetReader reader, ParquetFooter footer, Stream stream, string path) =>
        (_reader, _footer, _stream, _path) = (reader, footer, stream, path);

    public int GroupCount => _reader.RowGroupCount;

    /// <exception cref="DataException">The file is not Parquet.</exception>
    public static ParquetFile Open(Stream stream, string path) => Guard(path, () =>
    {
        var footer = ParquetFooter.Read(stream);
        var reader = ReaderOf(footer.Apply(stream));
        if (Problem(() => reader.Schema) is not null)
        {
            footer.Remove(footer.Alone().Select(column => (column.Name, Problem: Problem(() => ReaderOf(column.Empty).Schema)))
                .Where(column => column.Problem is not null).ToDictionary(column => column.Name, column => column.Problem!));
            reader = ReaderOf(footer.Apply(stream));
        }

        return new ParquetFile(reader, footer, stream, path);
    });

    /// <summary>The columns of a file that hold one value per row, by name, each with its type and its annotations in the schema.</summary>
    /// <exception cref="DataException">The file is not Parquet.</exception>
    public static IReadOnlyDictionary<string, (ParquetType Type, ThriftStruct Element)> TypesIn(string path)
    {
        using var stream = DataStream.OpenSeekable(path);
        return Guard(path, () => ParquetFooter.Read(stream).RowColumns);
    }

    /// <summary>Why columns of a file cannot be read, by name, as far as the file's description and its first row group tell.</summary>
    /// <exception cref="DataException">The file is not Parquet.</exception>
    public static IReadOnlyDictionary<string, string> UnreadableIn(string path)
    {
        using var stream = DataStream.OpenSeekable(path);
        using var file = Open(stream, path);
        var unreadable = new Dictionary<string, string>(file._footer.Unreadable);
        if (file.GroupCount > 0)
            Guard(path, () => file.CheckSize(0, file._reader.Schema.Fields, file._footer.Chunks(0), unreadable));
        return unreadable;
    }

    /// <summary>Reads all columns of a row group that can be read.</summary>
    /// <exception cref="DataException">The row group is damaged, or claims more than it can hold.</exception>
    public ParquetGroup Load(int number) => Guard(_path, () =>
    {
        using var group = _reader.OpenRowGroupReader(number);
        var unreadable = new Dictionary<string, string>(_footer.Unreadable);
        var schema = ParquetNode.Distinct(_reader.Schema.Fields, "the file");
        var chunks = _footer.Chunks(number);
        CheckSize(number, schema, chunks, unreadable);
        var columns = new List<ParquetColumn>();
        try
        {
            var fields = new List<ParquetNode>();
            foreach (var field in schema.Where(field => !unreadable.ContainsKey(field.Name)))
            {
                var before = columns.Count;
                try
                {
                    fields.Add(ParquetNode.Of(field, leaf => Read(group, chunks, leaf, columns)));
                }
                catch (Exception e) when (e is NotSupportedException or NotImplementedException)
                {
                    columns.Skip(before).ToList().ForEach(column => column.Dispose());
                    columns.RemoveRange(before, columns.Count - before);
                    unreadable[field.Name] = e.Message;
                }
            }

            return fields.Count > 0
                ? new ParquetGroup(fields, columns, group.RowCount, _path, unreadable)
                : throw ParquetFooter.NothingLeft(unreadable);
        }
        catch
        {
            columns.ForEach(column => column.Dispose());
            throw;
        }
    });

    public void Dispose() => _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();

    internal static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not DataException)
        {
            throw DataException.Unreadable(path, $"it is not a valid Parquet file: {e.Message}");
        }
    }

    private static ParquetReader ReaderOf(Stream stream) => ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult();

    private static string? Problem(Func<ParquetSchema> schema)
    {
        try
        {
            _ = schema();
            return null;
        }
        catch (Exception e)
        {
            return e.Message;
        }
    }

    private ParquetColumn Read(ParquetRowGroupReader group, Dictionary<string, ThriftStruct> chunks, DataField leaf, List<ParquetColumn> columns)
    {
        var data = group.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult();
        try
        {
            var column = new ParquetColumn(leaf, data, (int)ValueCount(ChunkOf(chunks, leaf)), _footer.TypeOf(leaf.Path.ToList()));
            columns.Add(column);
            return column;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    private static ThriftStruct ChunkOf(Dictionary<string, ThriftStruct> chunks, DataField leaf) =>
        chunks.GetValueOrDefault(ParquetFooter.Key(leaf.Path.ToList())) ?? throw new InvalidDataException($"column {leaf.Path} has no data");

    private static long ValueCount(ThriftStruct chunk) => chunk.Number(5) ?? 0;

    /// <summary>Checks that the columns of a row group fit into memory together, before any is allocated.</summary>
    /// <returns>The bytes that they need.</returns>
    private long CheckSize(
        int number, IReadOnlyList<Field> schema, Dictionary<string, ThriftStruct> chunks, Dictionary<string, string> unreadable)
    {
        var (packed, decoded, values) = (0L, (Int128)0, (Int128)0);
        foreach (var field in schema)
        {
            foreach (var leaf in Leaves(field))
            {
                var chunk = ChunkOf(chunks, leaf);
                var type = _footer.TypeOf(leaf.Path.ToList());
                try
                {
                    var pages = ParquetPages.Check(_stream, chunk, type, leaf.MaxRepetitionLevel > 0);
                    packed += pages.Packed;
                    values += ValueCount(chunk);
                    decoded += pages.Unpacked + (Int128)ValueCount(chunk) * BytesOf(leaf, type);
                }
                catch (NotSupportedException e)
                {
                    unreadable[field.Name] = e.Message;
                }
                catch (InvalidDataException e)
                {
                    throw new InvalidDataException($"column {leaf.Path}: {e.Message}", e);
                }
            }
        }

        var most = Math.Max(BytesWithoutDoubt, LargestRatio * packed);
        if (decoded > most)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"row group {number} has {_reader.OpenRowGroupReader(number).RowCount} rows with {values} values in all columns together, "
                    + $"whose {packed} bytes need {decoded} bytes of memory, "
                    + $"expected at most {most}; write smaller row groups"));
        }

        return (long)decoded;
    }

    private static IEnumerable<DataField> Leaves(Field field) => field switch
    {
        DataField leaf => [leaf],
        ListField list => Leaves(list.Item),
        StructField group => group.Fields.SelectMany(Leaves),
        MapField map => [.. Leaves(map.Key), .. Leaves(map.Value)],
        _ => [],
    };

    /// <summary>The bytes of a value and its levels in memory.</summary>
    private static int BytesOf(DataField leaf, ParquetType type) =>
        (leaf.MaxDefinitionLevel > 0 ? sizeof(int) : 0) + (leaf.MaxRepetitionLevel > 0 ? sizeof(int) : 0) + type.Physical switch
        {
            ParquetPhysical.Boolean => sizeof(bool),
            ParquetPhysical.Int32 or ParquetPhysical.Float => sizeof(int),
            ParquetPhysical.Int64 or ParquetPhysical.Double => sizeof(long),
            _ => 2 * sizeof(long),
        };
}

using Parquet;
using Parquet.Meta;
using Parquet.Schema;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Parquet;

/// <summary>An open Parquet file. Any exception of Parquet.Net on a damaged file becomes a <see cref="DataException"/>.</summary>
internal sealed class ParquetFile : IDisposable
{
    // A file of a few bytes may claim any number of values, and memory is allocated for all of them.
    private const long MaxValues = 1L << 26;

    private readonly ParquetReader _reader;
    private readonly string _path;
    private readonly HashSet<SchemaElement> _texts;

    private ParquetFile(ParquetReader reader, string path) => (_reader, _path, _texts) = (reader, path, TakeTextsAsBytes(reader));

    public int GroupCount => _reader.RowGroupCount;

    /// <exception cref="DataException">The file is not Parquet.</exception>
    public static ParquetFile Open(Stream stream, string path) => Guard(path, () =>
    {
        var reader = ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult();
        return new ParquetFile(reader, path);
    });

    /// <summary>The .NET types of the columns that hold one value per row; nullable columns have the non-nullable type.</summary>
    /// <exception cref="DataException">The file is not Parquet.</exception>
    public static IReadOnlyDictionary<string, System.Type> TypesIn(string path)
    {
        using var stream = DataStream.OpenSeekable(path);
        using var file = Open(stream, path);
        return file._reader.Schema.Fields.OfType<DataField>()
            .Where(field => !field.IsArray).ToDictionary(field => field.Name, field => field.ClrType);
    }

    /// <summary>Reads all columns of a row group.</summary>
    /// <exception cref="DataException">The row group is damaged, or a column has an unsupported type.</exception>
    public ParquetGroup Load(int number) => Guard(_path, () =>
    {
        using var group = _reader.OpenRowGroupReader(number);
        var columns = new List<ParquetColumn>();
        try
        {
            var fields = ParquetNode.Distinct(_reader.Schema.Fields, "the file").Select(field => ParquetNode.Of(field, leaf =>
            {
                var meta = group.GetMetadata(leaf)?.MetaData ?? throw new InvalidDataException($"column {leaf.Path} has no data");
                if (meta.NumValues is < 0 or > MaxValues)
                    throw new InvalidDataException(
                        $"row group {number} has {meta.NumValues} values in column {leaf.Path}, expected at most {MaxValues}; "
                            + "write smaller row groups");
                var data = group.ReadRawColumnDataBaseAsync(leaf).AsTask().GetAwaiter().GetResult();
                var column = new ParquetColumn(leaf, data, (int)meta.NumValues, IsText(leaf));
                columns.Add(column);
                return column;
            })).ToList();
            return new ParquetGroup(fields, columns, group.RowCount, _path);
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

    private bool IsText(DataField leaf) => leaf.SchemaElement is { } element && _texts.Contains(element);

    /// <summary>Parquet.Net would replace invalid UTF-8, so texts are read as bytes and checked here.</summary>
    private static HashSet<SchemaElement> TakeTextsAsBytes(ParquetReader reader)
    {
        var texts = reader.Metadata!.Schema.Where(element => element.Type == global::Parquet.Meta.Type.BYTE_ARRAY && SaysText(element)).ToHashSet();
        foreach (var element in texts)
            (element.LogicalType, element.ConvertedType) = (null, null);
        return texts;
    }

    private static bool SaysText(SchemaElement element) =>
        element.LogicalType is { STRING: not null } or { JSON: not null } or { ENUM: not null }
            || element.ConvertedType is ConvertedType.UTF8 or ConvertedType.JSON or ConvertedType.ENUM;
}

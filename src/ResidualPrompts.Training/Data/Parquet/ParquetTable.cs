using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// Makes a Parquet file from JSON Lines. A column has the first type that holds all its values as they were written: booleans, integers with or
/// without sign, numbers, or lists of integers or numbers. Otherwise it holds strings, and values that are not strings are written as JSON.
/// </summary>
internal static class ParquetTable
{
    private const int MaxRows = 1 << 14;
    private const long MaxBytes = 1 << 25;

    /// <summary>Reads the rows twice, for the types and for the values; one row group is in memory.</summary>
    /// <param name="stream">The Parquet file; written front to back.</param>
    /// <param name="rows">The JSON Lines.</param>
    /// <param name="like">A Parquet file whose columns keep their types; null = the values decide.</param>
    /// <param name="cancellationToken">Checked before each row.</param>
    /// <exception cref="DataException">A file cannot be read.</exception>
    public static void Write(Stream stream, string rows, string? like, CancellationToken cancellationToken = default)
    {
        var types = like is null ? new Dictionary<string, (ParquetType, ThriftStruct)>() : ParquetFile.TypesIn(like);
        var columns = Columns(rows, types, cancellationToken);
        if (columns.Count == 0)
            throw DataException.NoRows(rows);
        var schema = new ParquetSchema(columns.Values.Select(column => column.Field));
        using var output = new HeldStream(stream);
        var writer = ParquetWriter.CreateAsync(schema, output, cancellationToken: cancellationToken).GetAwaiter().GetResult();
        try
        {
            var (count, bytes) = (0, 0L);
            foreach (var row in JsonLines.ReadFile(rows, new ReadOptions()))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Add(row, columns);
                count++;
                bytes += row.ToString().Length;
                if (count < MaxRows && bytes < MaxBytes)
                    continue;
                WriteGroup(writer, schema, columns.Values);
                (count, bytes) = (0, 0);
            }

            if (count > 0)
                WriteGroup(writer, schema, columns.Values);
        }
        catch
        {
            Abandon(writer);
            throw;
        }

        var tail = output.Hold();
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult(); // writes the footer
        stream.Write(ParquetFooter.Retype(tail.ToArray(), columns.Where(column => column.Value.Physical is not null)
            .ToDictionary(column => column.Key, column => (types[column.Key].Item1, types[column.Key].Item2, column.Value.Physical!.Value))));
    }

    private static void Add(Example row, OrderedDictionary<string, ParquetWrittenColumn> columns)
    {
        var count = columns.GetAt(0).Value.Count;
        foreach (var (name, value) in row.OwnValues)
        {
            try
            {
                columns[name].Add(value);
            }
            catch (Exception e) when (e is FormatException or InvalidOperationException or OverflowException)
            {
                throw row.Problem($"the value of column '{name}' is not of its type: {e.Message}");
            }
        }

        foreach (var column in columns.Values.Where(column => column.Count == count))
            column.Add(null);
    }

    /// <summary>Closing a writer writes, which must not hide why it is closed.</summary>
    private static void Abandon(ParquetWriter writer)
    {
        try
        {
            writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return; // the first failure is reported
        }
    }

    private static OrderedDictionary<string, ParquetWrittenColumn> Columns(
        string rows, IReadOnlyDictionary<string, (ParquetType Type, ThriftStruct)> types, CancellationToken cancellationToken)
    {
        var kinds = new OrderedDictionary<string, ParquetColumnKinds>();
        foreach (var row in JsonLines.ReadFile(rows, new ReadOptions()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (name, value) in row.OwnValues)
                kinds[name] = kinds.GetValueOrDefault(name, ParquetColumnKinds.All) & ParquetColumnKindsOf.Value(value);
        }

        return new(kinds.Select(column => KeyValuePair.Create(
            column.Key,
            (types.TryGetValue(column.Key, out var like) ? ParquetWrittenColumn.Of(column.Key, like.Type) : null)
                ?? ParquetWrittenColumn.Of(column.Key, column.Value))));
    }

    private static void WriteGroup(ParquetWriter writer, ParquetSchema schema, IEnumerable<ParquetWrittenColumn> columns)
    {
        using var group = writer.CreateRowGroup();
        foreach (var (column, leaf) in columns.Zip(schema.DataFields))
            column.Write(group, leaf);
        group.CompleteValidate();
    }
}

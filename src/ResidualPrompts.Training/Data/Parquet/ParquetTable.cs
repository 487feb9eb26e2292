using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// Makes a Parquet file from JSON Lines. A column has the type that all its values share: booleans, integers, numbers, or lists of numbers.
/// Otherwise it holds strings, and values that are not strings are written as JSON.
/// </summary>
internal static class ParquetTable
{
    private const int MaxRows = 1 << 14;
    private const long MaxBytes = 1 << 25;

    /// <summary>Reads the rows twice, for the types and for the values; one row group is in memory.</summary>
    /// <param name="stream">The Parquet file; must be seekable.</param>
    /// <param name="rows">The JSON Lines.</param>
    /// <param name="like">A Parquet file whose numbers and booleans keep their types; null = the values decide.</param>
    /// <param name="cancellationToken">Checked before each row.</param>
    /// <exception cref="DataException">A file cannot be read.</exception>
    public static void Write(Stream stream, string rows, string? like, CancellationToken cancellationToken = default)
    {
        var columns = Columns(rows, like is null ? new Dictionary<string, Type>() : ParquetFile.TypesIn(like), cancellationToken);
        if (columns.Count == 0)
            throw DataException.NoRows(rows);
        var schema = new ParquetSchema(columns.Values.Select(column => column.Field));
        var writer = ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellationToken).GetAwaiter().GetResult();
        try
        {
            var (count, bytes) = (0, 0L);
            foreach (var row in JsonLines.ReadFile(rows, new ReadOptions()))
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var (name, column) in columns)
                    column.Add(row.Json(name));
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

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult(); // writes the footer
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
        string rows, IReadOnlyDictionary<string, Type> types, CancellationToken cancellationToken)
    {
        var kinds = new OrderedDictionary<string, ParquetColumnKind>();
        foreach (var row in JsonLines.ReadFile(rows, new ReadOptions()))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var name in row.OwnFields)
                kinds[name] = row.Json(name) is { } value ? kinds.GetValueOrDefault(name).With(value) : kinds.GetValueOrDefault(name);
        }

        return new(kinds.Select(column => KeyValuePair.Create(
            column.Key,
            (types.TryGetValue(column.Key, out var type) ? ParquetWrittenColumn.Of(column.Key, type) : null)
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

using System.Text.Json;

namespace ResidualPrompts.Data.Parquet;

/// <summary>A row group in memory.</summary>
internal sealed class ParquetGroup(IReadOnlyList<ParquetNode> fields, IReadOnlyList<ParquetColumn> columns, long rowCount, string path) : IDisposable
{
    public long RowCount => rowCount;

    /// <summary>Writes the next row as an object.</summary>
    /// <exception cref="DataException">A text is not UTF-8, or the columns do not match.</exception>
    public void Write(Utf8JsonWriter json, long row)
    {
        foreach (var column in columns)
            column.BeginRow();
        try
        {
            json.WriteStartObject();
            foreach (var field in fields)
                field.Write(json, field.Name);
            json.WriteEndObject();
            if (columns.FirstOrDefault(column => !column.IsAtRow) is { } column)
                throw new InvalidDataException($"column {column.Name} has values of another row");
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw DataException.AtRow(path, row, e.Message);
        }
    }

    /// <summary>Moves past a row that could not be written.</summary>
    /// <exception cref="DataException">The columns do not match, so no further row can be read.</exception>
    public void Pass() => ParquetFile.Guard(path, () =>
    {
        foreach (var column in columns)
            column.PassRow();
        return true;
    });

    public void Dispose()
    {
        foreach (var column in columns)
            column.Dispose();
    }
}

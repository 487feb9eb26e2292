using System.Text.Json;

namespace ResidualPrompts.Data.Parquet;

/// <summary>A row group in memory.</summary>
/// <param name="fields">The fields of a row.</param>
/// <param name="columns">All their columns.</param>
/// <param name="rowCount">Number of rows.</param>
/// <param name="path">The file.</param>
/// <param name="unreadable">Why each of the other columns cannot be read.</param>
internal sealed class ParquetGroup(
    IReadOnlyList<ParquetNode> fields, IReadOnlyList<ParquetColumn> columns, long rowCount, string path,
    IReadOnlyDictionary<string, string> unreadable)
    : IDisposable
{
    /// <summary>Why columns that rows lack cannot be read, by their name.</summary>
    public IReadOnlyDictionary<string, string> Unreadable => unreadable;

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

namespace ResidualPrompts.Data;

/// <summary>Reads the rows of a data file by its extension: <c>.jsonl</c>, <c>.csv</c> or <c>.tsv</c>.</summary>
public static class ExampleFile
{
    private static readonly Dictionary<string, Func<IEnumerable<TextLine>, string, IReadOnlyList<string>?, IEnumerable<Example>>> Readers = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jsonl"] = (lines, source, _) => JsonLines.Read(lines, source),
        [".csv"] = CsvRows.Read,
        [".tsv"] = TsvRows.Read,
    };

    /// <summary>The extensions that can be read.</summary>
    public static IReadOnlyCollection<string> Extensions => Readers.Keys;

    /// <summary>Whether a file's extension is one of these.</summary>
    /// <param name="path">The file; it need not exist.</param>
    public static bool CanRead(string path) => Readers.ContainsKey(Path.GetExtension(path));

    /// <summary>Reads a file lazily; nothing but the current row is held.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How the rows are to be named and divided; null = as they stand there.</param>
    /// <exception cref="DataException">The file cannot be read or is of another kind; while reading: a row is wrong.</exception>
    public static IEnumerable<Example> Read(string path, DataLayout? layout = null)
    {
        layout ??= new DataLayout();
        return Readers.TryGetValue(Path.GetExtension(path), out var read)
            ? layout.Apply(read(TextLines.ReadFile(path), path, layout.Columns))
            : throw DataException.UnknownKind(path, Extensions);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How the rows are to be named and divided; null = as they stand there.</param>
    /// <exception cref="DataException">The file cannot be read, is of another kind or holds no rows, or a row is wrong.</exception>
    public static IReadOnlyList<Example> ReadAll(string path, DataLayout? layout = null)
    {
        Example[] rows = [.. Read(path, layout)];
        return rows.Length > 0 ? rows : throw DataException.NoRows(path);
    }
}

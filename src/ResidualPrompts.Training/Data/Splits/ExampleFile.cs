using System.Text;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// Reads the rows of a data file in the format of its extension: <c>.jsonl</c>, <c>.csv</c>, <c>.tsv</c> or <c>.parquet</c>, each also as <c>.gz</c>.
/// </summary>
public static class ExampleFile
{
    private const string ParquetExtension = ".parquet";

    private static readonly Dictionary<string, Func<string, ReadOptions, IReadOnlyList<string>?, IEnumerable<Example>>> Readers =
        new(StringComparer.OrdinalIgnoreCase)
        {
            [".jsonl"] = (path, options, _) => JsonLines.ReadFile(path, options),
            [".csv"] = (path, options, columns) => CsvRows.Read(TextLines.ReadFile(path, options), path, columns, options.OnBadRow),
            [".tsv"] = (path, options, columns) => TsvRows.Read(TextLines.ReadFile(path, options), path, columns, options.OnBadRow),
            [ParquetExtension] = (path, options, _) => ParquetRows.Read(path, options),
        };

    /// <summary>The extensions that can be read; each may be followed by <c>.gz</c>.</summary>
    public static IReadOnlyCollection<string> Extensions => Readers.Keys;

    /// <summary>Whether a file's extension is one of these.</summary>
    /// <param name="path">The file; it need not exist.</param>
    public static bool CanRead(string path) => Readers.ContainsKey(Kind(path));

    /// <summary>Whether a file has the Parquet extension.</summary>
    internal static bool IsParquet(string path) => Kind(path).Equals(ParquetExtension, StringComparison.OrdinalIgnoreCase);

    /// <summary>What a user should know about a file whose rows are read: which of its columns are left out.</summary>
    /// <exception cref="DataException">The file is not what its extension says.</exception>
    internal static IEnumerable<string> Notes(string path) => !IsParquet(path) ? [] : ParquetFile.UnreadableIn(path)
        .Select(column => $"column '{Example.Shortened(column.Key)}' of {Path.GetFileName(path)} is left out: {column.Value}");

    /// <summary>Whether a file has the extension of a table of text.</summary>
    internal static bool IsTable(string path) => Kind(path).ToLowerInvariant() is ".csv" or ".tsv";

    /// <summary>Reads a file lazily; only the current row is in memory, for Parquet the current row group.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How fields are renamed and rows are split; null = unchanged.</param>
    /// <param name="encoding">The encoding of a text file; default UTF-8.</param>
    /// <exception cref="DataException">The file cannot be read or has another extension; while reading: a row is invalid.</exception>
    public static IEnumerable<Example> Read(string path, DataLayout? layout = null, Encoding? encoding = null) =>
        Read(path, layout, new ReadOptions { Encoding = encoding });

    /// <summary>Reads a file lazily; only the current row is in memory, for Parquet the current row group.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How fields are renamed and rows are split; null = unchanged.</param>
    /// <param name="options">Encoding, and what happens to bad rows.</param>
    /// <exception cref="DataException">
    /// The file cannot be read or has another extension; while reading: a row is invalid and <see cref="ReadOptions.OnBadRow"/> is null.
    /// </exception>
    public static IEnumerable<Example> Read(string path, DataLayout? layout, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rows = ReadAsTheyStand(path, layout?.Columns, options);
        return layout is null ? rows : layout.Apply(rows, options.OnBadRow);
    }

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">How fields are renamed and rows are split; null = unchanged.</param>
    /// <param name="encoding">The encoding of a text file; default UTF-8.</param>
    /// <exception cref="DataException">The file cannot be read, has another extension or has no rows, or a row is invalid.</exception>
    public static IReadOnlyList<Example> ReadAll(string path, DataLayout? layout = null, Encoding? encoding = null)
    {
        Example[] rows = [.. Read(path, layout, encoding)];
        return rows.Length > 0 ? rows : throw DataException.NoRows(path);
    }

    /// <summary>The rows of a file before a layout is applied.</summary>
    internal static IEnumerable<Example> ReadAsTheyStand(string path, IReadOnlyList<string>? columns, ReadOptions options) =>
        Readers.TryGetValue(Kind(path), out var read)
        ? read(path, options, columns)
        : throw DataException.UnknownKind(path, Extensions);

    /// <summary>The file name without <c>.gz</c> and the extension.</summary>
    internal static string Stem(string path) => Path.GetFileNameWithoutExtension(Unpacked(path));

    private static string Kind(string path) => Path.GetExtension(Unpacked(path));

    private static string Unpacked(string path) =>
        path.EndsWith(DataStream.PackedExtension, StringComparison.OrdinalIgnoreCase) ? path[..^DataStream.PackedExtension.Length] : path;
}

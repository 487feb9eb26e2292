using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;

namespace ResidualPrompts.Data;

/// <summary>
/// Reads rows lazily by a file's extension: <c>.jsonl</c>; <c>.csv</c> with a header, quotes by RFC 4180; <c>.tsv</c> with a header, split
/// at every TAB, quotes being plain characters.
/// </summary>
public static class ExampleReader
{
    /// <summary>Extensions that can be read.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jsonl", ".csv", ".tsv"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It cannot be opened, is of another kind, or a row is malformed.</exception>
    public static IEnumerable<Example> Read(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".jsonl" => Example.FromJsonLines(TextLines.ReadFile(path), path),
        ".csv" => ReadCsv(path),
        ".tsv" => ReadTsv(path),
        _ => throw DataException.Unreadable(path, $"expected a file {string.Join(", ", Extensions)}"),
    };

    private static IEnumerable<Example> ReadCsv(string path)
    {
        // Lines are decoded strictly first; CsvHelper then sees text only.
        using var text = new LineJoiningReader(TextLines.ReadFile(path));
        using var csv = new CsvReader(text, new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = context => throw DataException.AtLine(path, context.Context.Parser?.RawRow ?? 0, "a quote stands inside an unquoted cell; double it, or quote the whole cell"),
            DetectColumnCountChanges = false,
        });
        if (!Advance(csv, path))
            yield break;
        csv.ReadHeader();
        var header = CheckedHeader(csv.HeaderRecord ?? [], path);
        for (var index = 0; Advance(csv, path); index++)
        {
            var cells = csv.Parser.Record ?? [];
            yield return Example.FromCells(Named(header, cells, path, csv.Parser.RawRow), csv.Parser.RawRow, index, path);
        }

        if (text.HasOpenQuote)
            throw DataException.AtLine(path, csv.Parser.RawRow, "a quoted cell is never closed");
    }

    private static bool Advance(CsvReader csv, string path)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvHelperException e)
        {
            throw DataException.AtLine(path, csv.Parser.RawRow, e.Message.Split('\n')[0].Trim());
        }
    }

    private static IEnumerable<Example> ReadTsv(string path)
    {
        string[]? header = null;
        var index = 0;
        foreach (var line in TextLines.ReadFile(path).Where(line => line.Text.Length > 0))
        {
            var cells = line.Text.Split('\t');
            if (header is null)
                header = CheckedHeader(cells, path);
            else
                yield return Example.FromCells(Named(header, cells, path, line.Number), line.Number, index++, path);
        }
    }

    private static string[] CheckedHeader(string[] header, string path)
    {
        if (header.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw DataException.AtLine(path, 1, $"the header names '{twice.Key}' twice");
        return header;
    }

    private static Dictionary<string, string> Named(string[] header, string[] cells, string path, long number)
    {
        if (cells.Length != header.Length)
            throw DataException.AtLine(path, number, $"{cells.Length} cells, expected {header.Length} as in the header ({string.Join(", ", header)})");
        return header.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second);
    }
}

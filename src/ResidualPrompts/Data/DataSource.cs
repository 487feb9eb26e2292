namespace ResidualPrompts.Data;

/// <summary>Finds the splits of a data set: a folder with one file for each, or one file with all rows.</summary>
public sealed class DataSource
{
    private static readonly (string Split, string[] Names)[] SplitNames =
        [("train", ["train"]), ("validation", ["validation", "val", "dev"]), ("test", ["test"])];

    private readonly Dictionary<string, string> _files;

    private DataSource(string path, Dictionary<string, string> files) => (Path, _files) = (path, files);

    /// <summary>The folder or file.</summary>
    public string Path { get; }

    /// <summary>Every file that is read, for digests.</summary>
    public IReadOnlyCollection<string> Files => _files.Values;

    /// <summary>Whether there is a file of that split.</summary>
    /// <param name="split">train, validation or test.</param>
    public bool Has(string split) => _files.ContainsKey(split);

    /// <summary>Looks at a folder or file without reading rows.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <exception cref="DataException">Nothing is there, no split is found, or two files fit one split.</exception>
    public static DataSource Open(string path)
    {
        if (File.Exists(path))
            return new DataSource(path, new() { ["train"] = path });
        if (!Directory.Exists(path))
            throw DataException.Unreadable(path, "no such file or folder");
        var files = new Dictionary<string, string>();
        foreach (var (split, names) in SplitNames)
        {
            var found = names.SelectMany(name => ExampleReader.Extensions.Select(extension => System.IO.Path.Combine(path, name + extension))).Where(File.Exists).ToArray();
            if (found.Length > 1)
                throw DataException.Unreadable(path, $"{string.Join(" and ", found.Select(System.IO.Path.GetFileName))} both are the {split} split; remove one");
            if (found.Length == 1)
                files[split] = found[0];
        }

        return files.Count > 0 ? new DataSource(path, files) : throw DataException.Unreadable(path, "no split found; expected train.jsonl (or .csv, .tsv), and validation or test beside it");
    }

    /// <summary>Rows of a split.</summary>
    /// <param name="split">train, validation or test.</param>
    /// <exception cref="DataException">There is no such split, it holds no rows, or a row is malformed.</exception>
    public IReadOnlyList<Example> Read(string split)
    {
        if (!_files.TryGetValue(split, out var file))
            throw DataException.Unreadable(Path, $"it has no {split} split (found {string.Join(", ", _files.Keys)})");
        var rows = ExampleReader.Read(file).ToList();
        return rows.Count > 0 ? rows : throw DataException.Unreadable(file, "it holds no rows");
    }
}

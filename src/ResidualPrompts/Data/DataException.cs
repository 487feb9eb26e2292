namespace ResidualPrompts.Data;

/// <summary>Input data is missing or malformed.</summary>
public sealed class DataException : InputException
{
    private DataException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    /// <summary>The problem of a row, without its place; null where no single row is wrong.</summary>
    internal string? Problem { get; private init; }

    /// <summary>A file does not exist or cannot be opened.</summary>
    /// <param name="path">The file.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="remedies">What the user can do.</param>
    public static DataException Unreadable(string path, string reason, params IReadOnlyList<Remedy> remedies) =>
        new(ProblemKind.Inaccessible, $"{path} cannot be read: {reason}") { Remedies = remedies };

    /// <summary>One line is wrong.</summary>
    /// <param name="source">File name, or another name of the input.</param>
    /// <param name="line">Line number from 1.</param>
    /// <param name="problem">What is wrong, expected and found.</param>
    /// <param name="remedies">What the user can do.</param>
    public static DataException AtLine(string source, long line, string problem, params IReadOnlyList<Remedy> remedies) =>
        new(ProblemKind.Invalid, $"{source}, line {line}: {problem}") { Problem = ShownText.Message(problem), Remedies = remedies };

    /// <summary>One row of a file without lines is wrong.</summary>
    /// <param name="source">File name.</param>
    /// <param name="row">Row number from 1.</param>
    /// <param name="problem">What is wrong, expected and found.</param>
    /// <param name="remedies">What the user can do.</param>
    public static DataException AtRow(string source, long row, string problem, params IReadOnlyList<Remedy> remedies) =>
        new(ProblemKind.Invalid, $"{source}, row {row}: {problem}") { Problem = ShownText.Message(problem), Remedies = remedies };

    /// <summary>A file or a split holds no rows.</summary>
    /// <param name="source">The file, or a description of the rows.</param>
    public static DataException NoRows(string source) => new(ProblemKind.Missing, $"{source} holds no rows.");

    internal static DataException UnknownKind(string path, IEnumerable<string> extensions) =>
        new(ProblemKind.Unsupported, $"{path} is not a data file: expected {Kinds(extensions)}, found '{ShownText.Value(Path.GetExtension(path))}'.");

    internal static DataException UnknownEncoding(string name) =>
        new(ProblemKind.Invalid, $"There is no encoding '{ShownText.Value(name)}': expected a name such as utf-8, utf-16, latin1 or windows-1252.");

    internal static DataException NoSuchData(string nameOrPath, IReadOnlyList<string> bundled) =>
        new(ProblemKind.Missing,
            $"No data '{ShownText.Value(nameOrPath)}': neither a folder, a file nor a bundled data set "
            + $"({(bundled.Count == 0 ? "none is bundled here" : string.Join(", ", bundled))}).{NearestPath.Hint(nameOrPath, bundled)}");

    internal static DataException Ambiguous(string folder, string split, IEnumerable<string> files) =>
        new(ProblemKind.Invalid,
            $"{folder} holds more than one file for the {split} split: {string.Join(", ", files)}. Keep one, or name the file itself.");

    internal static DataException MissingShards(string folder, string name, IReadOnlyList<int> found, int count) =>
        new(ProblemKind.Missing,
            $"{folder} holds {found.Count} shards of {name} with the numbers {string.Join(", ", found.Take(10))}{(found.Count > 10 ? ", …" : "")}, "
            + $"expected all of 0 to {count - 1}.");

    internal static DataException NoSplit(string path, string split, IEnumerable<string> names, IEnumerable<string> extensions) =>
        new(ProblemKind.Missing, $"{path} has no {split} split: expected {string.Join(", ", names)} as {Kinds(extensions)}{Content(path)}.");

    internal static DataException NoSplitFile(string path, string split) =>
        new(ProblemKind.Missing,
            $"'{ShownText.Value(path)}' cannot be the {split} split: "
            + $"{(Directory.Exists(path) ? "it is a folder, expected a file" : "no such file")}.{NearestPath.Hint(path)}");

    internal static DataException NoFileOf(string split, IEnumerable<string> given) =>
        new(ProblemKind.Missing, $"There is no {split} split: only {string.Join(" and ", given)} is given.");

    internal static DataException PredictionCount(string source, int found, int expected) =>
        new(ProblemKind.Mismatch, $"{source} holds {found} predictions, expected {expected}: one for each row of the split.");

    internal static DataException TooFewToHalve(int count) =>
        new(ProblemKind.Invalid, $"A test split cannot be taken from a validation split of {count} rows: expected at least 2.");

    private static string Kinds(IEnumerable<string> extensions) => string.Join(", ", extensions) + " (or with .gz)";

    /// <summary>Lists what a folder holds instead, which makes a wrong folder obvious.</summary>
    private static string Content(string folder)
    {
        if (!Directory.Exists(folder))
            return "";
        var names = Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry) + (Directory.Exists(entry) ? "/" : ""))
            .Order(StringComparer.Ordinal).Take(9).ToArray();
        return names.Length == 0 ? "; it is empty" : $"; it holds {string.Join(", ", names.Take(8))}{(names.Length > 8 ? ", …" : "")}";
    }
}

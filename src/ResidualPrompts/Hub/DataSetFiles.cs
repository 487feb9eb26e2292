namespace ResidualPrompts.Hub;

/// <summary>
/// Chooses the files of a configuration among all files of a data set. On the hub a configuration is a folder of its name; a data set with only one
/// configuration has its files in <c>data</c> or at the top. Parquet is preferred to JSON Lines, CSV and TSV.
/// </summary>
internal static class DataSetFiles
{
    private const string Data = "data";
    private static readonly string[][] Extensions = [[".parquet"], [".jsonl", ".jsonl.gz"], [".csv", ".csv.gz"], [".tsv", ".tsv.gz"]];

    /// <summary>Returns the configuration's folder ("" for the top) and its files.</summary>
    /// <exception cref="HubException">There is no such configuration, or several and none was named.</exception>
    public static (string Folder, IReadOnlyList<string> Files) Choose(HubRepository repository, string? configuration, IEnumerable<string> names)
    {
        var folders = names
            .Where(name => Extensions.Any(kind => kind.Any(extension => name.EndsWith(extension, StringComparison.Ordinal))))
            .ToLookup(name => name.LastIndexOf('/') is >= 0 and var end ? name[..end] : "");
        string[] found = [.. folders.Select(group => group.Key).Where(folder => folder is not ("" or Data)).Order(StringComparer.Ordinal)];
        var folder = configuration ?? (folders.Contains(Data) ? Data : folders.Contains("") ? "" : found is [var only] ? only : null);
        if (configuration == "default" && !folders.Contains("default"))
            folder = folders.Contains(Data) ? Data : "";
        if (folder is null || !folders.Contains(folder))
            throw HubException.NoConfiguration(repository, found.Length == 0 ? configuration ?? "default" : configuration, found);
        var kind = Extensions.First(kind => folders[folder].Any(name => HasExtension(name, kind)));
        return (folder, [.. folders[folder].Where(name => HasExtension(name, kind)).Order(StringComparer.Ordinal)]);
    }

    private static bool HasExtension(string name, string[] kind) => kind.Any(extension => name.EndsWith(extension, StringComparison.Ordinal));
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace ResidualPrompts.Hub;

/// <summary>
/// Chooses the files of a configuration among all files of a data set. On the hub a configuration is a folder of its name; a data set with only one
/// configuration has its files in <c>data</c> or at the top. Parquet is preferred to JSON Lines, CSV and TSV.
/// </summary>
internal static partial class DataSetFiles
{
    private const string Data = "data";
    private static readonly string[][] Extensions = [[".parquet"], [".jsonl", ".jsonl.gz"], [".csv", ".csv.gz"], [".tsv", ".tsv.gz"]];

    /// <summary>Whether a name is that of a data file.</summary>
    public static bool IsData(string name) => Extensions.Any(kind => HasExtension(name, kind));

    /// <summary>A file that is missing of several that name their count, as <c>train-00000-of-00003.parquet</c> does; null = none.</summary>
    /// <param name="files">The files that are there.</param>
    public static string? MissingPart(IEnumerable<string> files)
    {
        foreach (var whole in files.Select(file => Part().Match(file)).Where(match => match.Success)
            .GroupBy(match => (Begin: match.Groups["begin"].Value, Count: match.Groups["count"].Value)))
        {
            var found = whole.Select(match => match.Groups["index"].Value).ToHashSet();
            var (begin, count) = whole.Key;
            for (var index = 0; index < int.Parse(count, CultureInfo.InvariantCulture); index++)
            {
                if (index.ToString(CultureInfo.InvariantCulture).PadLeft(count.Length, '0') is var name && !found.Contains(name))
                    return $"{begin}-{name}-of-{count}{whole.First().Groups["end"].Value}";
            }
        }

        return null;
    }

    /// <summary>Returns the configuration's folder ("" for the top) and its files.</summary>
    /// <exception cref="HubException">There is no such configuration, or several and none was named.</exception>
    public static (string Folder, IReadOnlyList<string> Files) Choose(HubRepository repository, string? configuration, IEnumerable<string> names)
    {
        var folders = names
            .Where(IsData)
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

    /// <summary>Some names have a digest after the count.</summary>
    [GeneratedRegex(@"^(?<begin>.+)-(?<index>[0-9]{5,8})-of-(?<count>[0-9]{5,8})(-[0-9a-f]+)?(?<end>\.[^/]+)$")]
    private static partial Regex Part();

    private static bool HasExtension(string name, string[] kind) => kind.Any(extension => name.EndsWith(extension, StringComparison.Ordinal));
}

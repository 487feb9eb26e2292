using System.Globalization;
using System.Text.RegularExpressions;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// Finds the files of each split in a folder by their names. A split may consist of numbered shards, as on the Hugging Face hub:
/// <c>train-00000-of-00002.parquet</c>, <c>train-00001-of-00002.parquet</c>.
/// </summary>
internal static partial class SplitFiles
{
    /// <summary>
    /// The possible names of a split's files. Names of one group are equivalent, so two of them are ambiguous. A file of a later group is part of a
    /// file of an earlier group, which takes precedence: <c>train</c> beside <c>train_full</c>, <c>dev32</c> beside <c>dev</c>.
    /// </summary>
    private static readonly Dictionary<DataSplit, string[][]> Names = new()
    {
        [DataSplit.Train] = [["train_full"], ["train"]],
        [DataSplit.Validation] = [["validation", "val", "dev"], ["dev32"]],
        [DataSplit.Test] = [["test"]],
    };

    /// <summary>The names of a split's files in groups; the first group with a file is used.</summary>
    public static string[][] NamesOf(DataSplit split, DataLayout layout) =>
        layout.SplitNames.TryGetValue(split, out var names) ? [names] : Names[split];

    /// <summary>The files of the existing splits, shards in order.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="layout">The layout of a task's files, which may name them.</param>
    /// <param name="findings">Collects the files that are passed over.</param>
    /// <param name="replaced">Splits that come from elsewhere, so that their files here do not matter.</param>
    /// <exception cref="DataException">Two files fit a split, or a shard is missing.</exception>
    /// <exception cref="InputException">One of the files is a pipe or a device.</exception>
    public static Dictionary<DataSplit, IReadOnlyList<string>> Find(
        string folder, DataLayout layout, List<SplitFinding> findings, params IReadOnlyList<DataSplit> replaced)
    {
        var files = Directory.EnumerateFiles(folder).Where(ExampleFile.CanRead).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal).Select(Part.Of)
            .ToLookup(part => part.Name, StringComparer.OrdinalIgnoreCase); // Validation.csv, which would be passed over otherwise
        var found = new Dictionary<DataSplit, IReadOnlyList<string>>();
        foreach (var split in Names.Keys.Except(replaced))
        {
            var sources = NamesOf(split, layout)
                .Select(names => names.SelectMany(name => files[name]).GroupBy(part => part.Source).ToArray())
                .Where(group => group.Length > 0)
                .ToArray();
            if (sources.Length == 0)
                continue;
            if (sources[0] is not [var only])
            {
                var names = sources[0].SelectMany(source => source).Select(part => part.FileName).Order(StringComparer.Ordinal);
                throw DataException.Ambiguous(folder, split.Name(), names);
            }

            CheckShards(folder, [.. only]);
            found.Add(split, [.. only.OrderBy(part => part.Number).Select(part => Path.Combine(folder, part.FileName))]);
            foreach (var path in found[split])
                DataStream.RequirePlain(path);
            foreach (var unused in sources.Skip(1).SelectMany(group => group).SelectMany(source => source))
            {
                findings.Add(new SplitFinding(
                    SplitSurprise.UnreadFile, $"{unused.FileName} in {folder} is not read: {only.First().FileName} takes precedence."));
            }
        }

        if (Strangers(folder, layout) is { Length: > 0 } strangers && found.Count > 0)
            findings.Add(new SplitFinding(SplitSurprise.UnreadFile, NotRead(folder, strangers)));
        return found;
    }

    /// <summary>Names of files that seem to be data but belong to no split, by their names or by their extensions.</summary>
    private static string[] Strangers(string folder, DataLayout layout)
    {
        string[] known = [.. Names.Keys.SelectMany(split => NamesOf(split, layout)).SelectMany(names => names)];
        return
        [
            .. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.'))
                .Where(name => ExampleFile.CanRead(name) != known.Contains(Part.Of(name).Name)).Order(StringComparer.Ordinal),
        ];
    }

    private static string NotRead(string folder, string[] names)
    {
        var shown = string.Join(", ", names.Take(3));
        return $"{shown}{(names.Length > 3 ? $" and {names.Length - 3} more" : "")} in {folder} {(names.Length == 1 ? "is" : "are")} not read: "
            + "a split's file is called train, validation (val, dev) or test, with the extension of a data file.";
    }

    private static void CheckShards(string folder, Part[] shards)
    {
        int[] numbers = [.. shards.Select(shard => shard.Number).Order()];
        if (!numbers.SequenceEqual(Enumerable.Range(0, shards[0].Count)))
            throw DataException.MissingShards(folder, shards[0].Name, numbers, shards[0].Count);
    }

    [GeneratedRegex(@"^(?<name>.+)-(?<number>\d{5})-of-(?<count>\d{5})$", RegexOptions.CultureInvariant)]
    private static partial Regex Shard();

    /// <summary>A file that may be one of several shards.</summary>
    /// <param name="FileName">Its name.</param>
    /// <param name="Name">The name of the split.</param>
    /// <param name="Source">Equal for the shards of one split, else the file's own name.</param>
    /// <param name="Number">Number of the shard from 0.</param>
    /// <param name="Count">Count of shards.</param>
    private sealed record Part(string FileName, string Name, string Source, int Number, int Count)
    {
        public static Part Of(string fileName)
        {
            var stem = ExampleFile.Stem(fileName);
            return Shard().Match(stem) is { Success: true } match
                ? new Part(
                    fileName, match.Groups["name"].Value, $"{match.Groups["name"].Value}-of-{match.Groups["count"].Value}{fileName[stem.Length..]}",
                    int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture),
                    int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture))
                : new Part(fileName, stem, fileName, 0, 1);
        }
    }
}

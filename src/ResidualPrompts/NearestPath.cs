namespace ResidualPrompts;

/// <summary>Finds the file or folder that a path which does not exist probably meant.</summary>
internal static class NearestPath
{
    private const int MaxEntries = 10_000; // of a folder; more are not looked through
    private const int LongestName = 255;
    private const int ShortExtension = 3;

    /// <summary>Extensions of the files that users name; with one of them, or nearly one, a name is that of a file.</summary>
    private static readonly string[] Extensions =
        ["jsonl", "json", "csv", "tsv", "parquet", "txt", "gz", "npy", "safetensors", "zip", "bin", "pt"];

    /// <summary>The end of a message: <c> Did you mean 'data/train.jsonl'?</c>; empty where nothing is near, or the path exists.</summary>
    /// <param name="path">The path.</param>
    internal static string Hint(string path) => Of(path) is { } nearest ? $" Did you mean '{ShownText.Value(nearest)}'?" : "";

    /// <summary>The same, where one of some names may have been meant too.</summary>
    /// <param name="nameOrPath">The name or path.</param>
    /// <param name="names">The names.</param>
    internal static string Hint(string nameOrPath, IReadOnlyList<string> names)
    {
        var path = Of(nameOrPath);
        var trimmed = Path.TrimEndingDirectorySeparator(nameOrPath);
        var last = Path.GetFileName(trimmed);
        // In a folder, a name that is only similar was not meant.
        var name = Path.GetDirectoryName(trimmed) is null or "" or "." ? NearestName.Of(last, names) : names.FirstOrDefault(known => known == last);
        return (path ?? name) is { } nearest ? $" Did you mean '{ShownText.Value(nearest)}'?" : "";
    }

    /// <summary>The existing path that is nearest to one that does not exist, named as that one was; null where nothing is near.</summary>
    /// <param name="path">The path.</param>
    internal static string? Of(string path)
    {
        try
        {
            return path.Length == 0 || path.Contains('\0') || Path.Exists(path) ? null : Find(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null; // a folder cannot be listed
        }
    }

    /// <summary>
    /// Whether a name is written as that of a file or folder: from a root, from here, or with the extension of a file, also a misspelt one.
    /// </summary>
    /// <param name="name">The name.</param>
    internal static bool LooksLocal(string name) =>
        name.StartsWith('.') || name.StartsWith('~') || Path.IsPathRooted(name) || Path.EndsInDirectorySeparator(name) || HasFileExtension(name);

    private static bool HasFileExtension(string name) => Path.GetExtension(name).TrimStart('.') is { Length: > 1 } extension
        && (Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase)
            || (extension.Length >= ShortExtension && extension.All(char.IsAsciiLetter)
                && Extensions.Any(known => known.Length >= ShortExtension && NearestName.Distance(extension, known) == 1)));

    private static string? Find(string path)
    {
        var trimmed = Path.TrimEndingDirectorySeparator(path);
        var (parent, name) = (Path.GetDirectoryName(trimmed), Path.GetFileName(trimmed));
        if (parent is null || name.Length == 0)
            return null;
        var folder = parent.Length == 0 ? "." : parent;
        if (!Directory.Exists(folder))
        {
            // An earlier part is misspelt: with that one mended, this one may be right, or misspelt too.
            return Find(parent) is not { } mended || !Directory.Exists(mended) ? null
                : Path.Combine(mended, name) is var whole && Path.Exists(whole) ? whole : Find(whole);
        }

        var names = Directory.EnumerateFileSystemEntries(folder).Take(MaxEntries).Select(Path.GetFileName).OfType<string>()
            .Where(entry => !entry.StartsWith('.') && IsNear(Stem(name), Stem(entry))).Order(StringComparer.Ordinal);
        return name.Length <= LongestName && names.MinBy(entry => NearestName.Distance(name, entry)) is { } nearest
            ? Path.Combine(parent, nearest)
            : null;
    }

    /// <summary>Equal extensions alone make no two names alike.</summary>
    private static bool IsNear(string stem, string other) => Math.Max(stem.Length, other.Length) is var length
        && NearestName.Distance(stem, other) is var distance && (distance == 0 || (distance < length && distance <= Math.Max(1, length / 3)));

    private static string Stem(string name) => Path.GetFileNameWithoutExtension(name).ToLowerInvariant();
}

using System.Security.Cryptography;
using System.Text.Json;

namespace ResidualPrompts.Files;

/// <summary>
/// SHA-256 of files. Reading a base model takes seconds, so digests of large files are kept in the user's cache folder by path, size and time; a
/// small file beside them counts by its content. A cache that is damaged or cannot be written is ignored.
/// </summary>
internal static class FileDigests
{
    private const long Large = 1 << 20;

    private sealed record Entry(string Stamp, string Digest);

    /// <summary>The digest of a file's bytes in lower-case hex.</summary>
    internal static string Of(string path) => Remembered("bytes", [path], () => Compute(path));

    /// <summary>A digest computed from files, or remembered from an earlier computation if the files are large.</summary>
    /// <param name="kind">Name of the computation.</param>
    /// <param name="paths">The files that it depends on.</param>
    /// <param name="compute">The computation.</param>
    internal static string Remembered(string kind, IEnumerable<string> paths, Func<string> compute)
    {
        FileInfo[] files = [.. paths.Select(path => File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path))];
        if (files.Sum(file => file.Length) < Large)
            return compute();
        var key = string.Join('|', files.Select(file => file.FullName).Prepend(kind));
        var stamp = string.Join(' ', files.Select(file => file.Length < Large ? Compute(file.FullName) : $"{file.Length}@{file.LastWriteTimeUtc.Ticks}"));
        var cache = Read();
        if (cache.TryGetValue(key, out var known) && known.Stamp == stamp)
            return known.Digest;
        var digest = compute();
        cache[key] = new Entry(stamp, digest);
        Write(cache);
        return digest;
    }

    private static string CachePath => Path.Combine(UserCache.Folder, "digests.json");

    private static string Compute(string path)
    {
        using var stream = PlainFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static Dictionary<string, Entry> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Entry>>(PlainFile.Read(CachePath, PlainFile.LongestJson)) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException or JsonException)
        {
            return [];
        }
    }

    private static void Write(Dictionary<string, Entry> cache)
    {
        try
        {
            Disk.CreateFolder(Path.GetDirectoryName(CachePath)!);
            AtomicFile.Write(CachePath, stream => JsonSerializer.Serialize(stream, cache));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // the next run computes it again
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json;

namespace ResidualPrompts.Files;

/// <summary>
/// SHA-256 of files. Those of large files are remembered in the user's cache folder by path, size and time, since a base model takes
/// seconds to read; a cache that is damaged or cannot be written is passed over.
/// </summary>
internal static class FileDigests
{
    private const long Large = 1 << 20;

    private sealed record Entry(long Size, long Ticks, string Digest);

    /// <summary>The digest in lower-case hex.</summary>
    internal static string Of(string path)
    {
        var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
        if (file.Length < Large)
            return Compute(path);
        var cache = Read();
        if (cache.TryGetValue(file.FullName, out var known) && known.Size == file.Length && known.Ticks == file.LastWriteTimeUtc.Ticks)
            return known.Digest;
        var digest = Compute(path);
        cache[file.FullName] = new Entry(file.Length, file.LastWriteTimeUtc.Ticks, digest);
        Write(cache);
        return digest;
    }

    private static string CachePath => Path.Combine(UserCache.Folder, "digests.json");

    private static string Compute(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static Dictionary<string, Entry> Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllBytes(CachePath)) ?? [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static void Write(Dictionary<string, Entry> cache)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(CachePath)!);
            AtomicFile.Write(CachePath, stream => JsonSerializer.Serialize(stream, cache));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // the next run computes it again
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Baselines;

/// <summary>
/// Keeps the scores of untuned models, so that the hundredth run on the same rows does not compute them again. An entry is a file of two lines, the
/// SHA-256 of the second and the score as JSON, under the name of its key. A damaged entry is computed and written again; a cache that cannot be
/// read or written is ignored. Two processes may write one entry at once: each writes the whole of it, and the last one stays.
/// </summary>
/// <param name="folder">The folder of the entries; null = nothing is kept.</param>
internal sealed class BaselineCache(string? folder)
{
    /// <summary>Entries beyond this number are deleted, the least recently used first.</summary>
    internal const int MaxEntries = 1000;

    private const string Extension = ".json";
    private const int DigestLength = 2 * SHA256.HashSizeInBytes;

    /// <summary>The user's cache.</summary>
    internal static BaselineCache OfUser => new(UserCache.KeepsNoRows ? null : Path.Combine(UserCache.Folder, "baselines"));

    /// <summary>The score of a key, kept or computed.</summary>
    /// <param name="key">The key, in hexadecimal digits.</param>
    /// <param name="compute">Computes the score.</param>
    internal SplitResult Get(string key, Func<SplitResult> compute)
    {
        if (folder is null)
            return compute();
        var path = Path.Combine(folder, key + Extension);
        if (Find(path) is { } kept)
            return kept;
        var result = compute();
        Keep(path, result);
        return result;
    }

    /// <summary>Whether the score of a key is kept.</summary>
    internal bool Has(string key) => folder is not null && Find(Path.Combine(folder, key + Extension)) is not null;

    private static SplitResult? Find(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            var bytes = PlainFile.Read(path, PlainFile.LongestJson);
            if (bytes.Length <= DigestLength || !bytes.AsSpan(0, DigestLength).SequenceEqual(DigestOf(bytes[(DigestLength + 1)..])))
                return null;
            var result = JsonFile.Node(bytes[(DigestLength + 1)..], JsonFormats.Strict).Deserialize<SplitResult>(JsonFormats.Complete);
            Disk.Touch(path); // it is in use
            return result;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException || JsonProblem.IsOne(e))
        {
            return null;
        }
    }

    private void Keep(string path, SplitResult result)
    {
        try
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(result, JsonFormats.SnakeCase);
            Disk.CreateFolder(folder!);
            AtomicFile.Write(path, stream =>
            {
                stream.Write(DigestOf(json));
                stream.WriteByte((byte)'\n');
                stream.Write(json);
            });
            Shrink();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // the next run computes it again
        }
    }

    /// <summary>Deletes the least recently used entries beyond the bound, and what killed processes left.</summary>
    private void Shrink()
    {
        foreach (var old in new DirectoryInfo(folder!).EnumerateFiles("*" + Extension).OrderByDescending(file => file.LastWriteTimeUtc)
            .Skip(MaxEntries).ToList())
            Disk.Delete(old.FullName);
        foreach (var leftover in AtomicFile.LeftoversIn(folder!).ToList())
            AtomicFile.DeleteQuietly(leftover);
    }

    private static byte[] DigestOf(byte[] json) => Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(json)));
}

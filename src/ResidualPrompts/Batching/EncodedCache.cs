using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Files;

namespace ResidualPrompts.Batching;

/// <summary>
/// Caches the token ids of rows between runs. The key is a digest of everything that determines them: the content of the rows, the task's settings,
/// the tokenizer's files, the limits, and this build of the library. So an entry is never stale, only unused. A damaged entry is written again; a
/// cache that cannot be read or written is ignored.
/// </summary>
internal sealed class EncodedCache
{
    /// <summary>Fewer rows are not cached: tokenizing them is faster than writing a file.</summary>
    public const int MinRows = 1000;

    /// <summary>Maximum size of all entries together; beyond it the least recently used are deleted.</summary>
    public const long LargestSize = 2L << 30;

    private const string Extension = ".ids";
    private readonly string? _folder;
    private readonly byte[] _made;

    /// <param name="folder">Folder of the entries; null = nothing is cached.</param>
    /// <param name="task">The task's settings, which determine the text of a row.</param>
    /// <param name="tokenizerFiles">The tokenizer's files, which determine the ids of a text.</param>
    /// <param name="maxInputTokens">Maximum input tokens, including the prompt's.</param>
    /// <param name="virtualTokenCount">Virtual tokens.</param>
    public EncodedCache(string? folder, string task, IEnumerable<string> tokenizerFiles, int maxInputTokens, int virtualTokenCount)
    {
        _folder = folder;
        _made = JsonSerializer.SerializeToUtf8Bytes(new object[]
        {
            typeof(EncodedCache).Module.ModuleVersionId, task, maxInputTokens, virtualTokenCount,
            folder is null ? [] : tokenizerFiles.Order(StringComparer.Ordinal)
                .Select(file => new[] { Path.GetFileName(file), FileDigests.Of(file) }).ToArray(),
        });
    }

    /// <summary>A cache that stores nothing.</summary>
    public static EncodedCache None { get; } = new(null, "", [], 0, 0);

    /// <summary>Encodes rows, or reads their ids from the cache.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="needsTargets">Whether every row must have a target.</param>
    /// <param name="keepsAnswers">Whether answers will be judged; the parsed rows are then kept.</param>
    /// <exception cref="InputException">A row cannot be encoded.</exception>
    public EncodedSplit Encode(ExampleEncoder encoder, IReadOnlyList<Example> rows, bool needsTargets, bool keepsAnswers = true)
    {
        if (_folder is null || rows.Count < MinRows)
            return encoder.Encode(rows, needsTargets, keepsAnswers);
        var key = Key(rows, needsTargets);
        var path = Path.Combine(_folder, Convert.ToHexStringLower(key) + Extension);
        if (Find(path, key) is var (examples, cutCount) && examples.Length == rows.Count)
            return new EncodedSplit(encoder, rows, examples, cutCount);
        var encoded = encoder.Encode(rows, needsTargets, keepsAnswers);
        Keep(path, key, encoded);
        return encoded;
    }

    private static (EncodedExample[] Examples, int CutCount)? Find(string path, byte[] key)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length > int.MaxValue
                || EncodedFile.Read(PlainFile.Read(path, int.MaxValue), key) is not { } found)
                return null;
            Disk.Touch(path); // it is in use
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    private byte[] Key(IReadOnlyList<Example> rows, bool needsTargets)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> index = stackalloc byte[sizeof(int)];
        digest.AppendData(_made);
        digest.AppendData([needsTargets ? (byte)1 : (byte)0]);
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(index, row.Index);
            digest.AppendData(index);
            digest.AppendData(row.Digest());
        }

        return digest.GetHashAndReset();
    }

    private void Keep(string path, byte[] key, EncodedSplit encoded)
    {
        try
        {
            var bytes = EncodedFile.Write(key, encoded.Examples, encoded.CutCount);
            Disk.CreateFolder(_folder!);
            AtomicFile.Write(path, stream => stream.Write(bytes));
            Shrink();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OverflowException)
        {
            return; // the next run encodes again
        }
    }

    /// <summary>Deletes entries until the rest is small enough, and the temporary files of killed processes.</summary>
    private void Shrink()
    {
        var size = 0L;
        foreach (var file in new DirectoryInfo(_folder!).EnumerateFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList())
        {
            if (file.Extension == ".tmp" && file.LastWriteTimeUtc < DateTime.UtcNow.AddHours(-1))
                Disk.Delete(file.FullName);
            else if (file.Extension == Extension && (size += file.Length) > LargestSize)
                Disk.Delete(file.FullName);
        }
    }
}

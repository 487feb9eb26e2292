using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Files;

namespace ResidualPrompts.Batching;

/// <summary>
/// Remembers the token ids of rows between runs. The key is a digest of everything that they follow from: the content of the rows, the settings
/// of the task, the files of the tokenizer, the limits, and this build of the library. So an entry is never out of date, only unused; a damaged one
/// is made again. A cache that cannot be read or written is passed over.
/// </summary>
internal sealed class EncodedCache
{
    /// <summary>Fewer rows are tokenized sooner than a file is written.</summary>
    public const int MinRows = 1000;

    /// <summary>When the entries are larger together, those that were not used for the longest time go.</summary>
    public const long LargestSize = 2L << 30;

    private const string Extension = ".ids";
    private readonly string? _folder;
    private readonly byte[] _made;

    /// <param name="folder">Where entries are; null = nothing is remembered.</param>
    /// <param name="task">What makes text of a row: the settings of the task.</param>
    /// <param name="tokenizerFiles">What makes ids of text.</param>
    /// <param name="maxInputTokens">Most input tokens, the prompt's included.</param>
    /// <param name="virtualTokenCount">Virtual tokens.</param>
    public EncodedCache(string? folder, string task, IEnumerable<string> tokenizerFiles, int maxInputTokens, int virtualTokenCount)
    {
        _folder = folder;
        _made = JsonSerializer.SerializeToUtf8Bytes(new object[]
        {
            typeof(EncodedCache).Module.ModuleVersionId, task, maxInputTokens, virtualTokenCount,
            folder is null ? [] : tokenizerFiles.Order(StringComparer.Ordinal).Select(file => new[] { Path.GetFileName(file), FileDigests.Of(file) })
                .ToArray(),
        });
    }

    /// <summary>Remembers nothing.</summary>
    public static EncodedCache None { get; } = new(null, "", [], 0, 0);

    /// <summary>Encodes rows, or finds them encoded.</summary>
    /// <param name="encoder">Encodes.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="needsTargets">Whether every row must have a target.</param>
    /// <param name="keepsAnswers">Whether answers will be judged, so that what is read of a row is kept.</param>
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
            if (!File.Exists(path) || new FileInfo(path).Length > int.MaxValue || EncodedFile.Read(File.ReadAllBytes(path), key) is not { } found)
                return null;
            Disk.Touch(path); // it is in use
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or OverflowException)
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

    /// <summary>Removes entries until the rest is small enough, and what a process left behind that was killed while it wrote.</summary>
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

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ResidualPrompts.Batching;

/// <summary>
/// Token ids of many rows as bytes, little-endian. In order: the key, a digest of what they were made from (32 bytes); i32 number of rows; i32
/// number of truncated rows; i32 bytes of an id (2 or 4); i32 candidates of all rows; i32 input length of each row; i32 target length of each row
/// (-1 = none); i32 candidates of each row (-1 = none); i32 length of each candidate; the ids in the same order; SHA-256 of everything before it.
/// </summary>
internal static class EncodedFile
{
    private const int KeySize = SHA256.HashSizeInBytes;
    private const int HeaderSize = KeySize + (4 * sizeof(int));

    /// <summary>Serializes encoded rows.</summary>
    public static byte[] Write(ReadOnlySpan<byte> key, IReadOnlyList<EncodedExample> examples, int cutCount)
    {
        var candidates = examples.SelectMany(example => example.CandidateIds ?? []).ToList();
        var rows = examples.Select(example => example.InputIds).Concat(examples.Select(example => example.TargetIds)).Concat(candidates).ToList();
        var idCount = rows.Sum(ids => (long)(ids?.Length ?? 0));
        var isNarrow = rows.All(ids => ids is null || !ids.AsSpan().ContainsAnyExceptInRange(0, ushort.MaxValue));
        var idSize = isNarrow ? sizeof(ushort) : sizeof(int);
        using var bytes = new MemoryStream(
            checked((int)(HeaderSize + ((long)(rows.Count + examples.Count) * sizeof(int)) + (idCount * idSize) + KeySize)));
        bytes.Write(key);
        bytes.Write(MemoryMarshal.AsBytes<int>([examples.Count, cutCount, idSize, candidates.Count]));
        int[] lengths = [.. rows.Select(ids => ids?.Length ?? -1)];
        bytes.Write(MemoryMarshal.AsBytes<int>(lengths.AsSpan(0, 2 * examples.Count)));
        bytes.Write(MemoryMarshal.AsBytes<int>(examples.Select(example => example.CandidateIds?.Count ?? -1).ToArray()));
        bytes.Write(MemoryMarshal.AsBytes<int>(lengths.AsSpan(2 * examples.Count)));
        foreach (var ids in rows.OfType<int[]>())
            bytes.Write(isNarrow ? MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(ids, id => (ushort)id)) : MemoryMarshal.AsBytes<int>(ids));
        bytes.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>Deserializes encoded rows; null when the bytes are damaged or their key differs.</summary>
    public static (EncodedExample[] Examples, int CutCount)? Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key)
    {
        if (bytes.Length < HeaderSize + KeySize || !bytes[..KeySize].SequenceEqual(key)
            || !SHA256.HashData(bytes[..^KeySize]).AsSpan().SequenceEqual(bytes[^KeySize..]))
            return null;
        var header = MemoryMarshal.Cast<byte, int>(bytes[KeySize..HeaderSize]);
        var (count, cutCount, idSize, candidateCount) = (header[0], header[1], header[2], header[3]);
        var numbers = MemoryMarshal.Cast<byte, int>(bytes[HeaderSize..])[..((3 * count) + candidateCount)];
        var ids = bytes[(HeaderSize + (numbers.Length * sizeof(int)))..^KeySize];
        int[] lengths = [.. numbers[..(2 * count)], .. numbers[(3 * count)..]];
        var rows = new int[]?[lengths.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (lengths[i] < 0)
                continue;
            var size = lengths[i] * idSize;
            rows[i] = Ids(ids[..size], idSize);
            ids = ids[size..];
        }

        var examples = new EncodedExample[count];
        var next = 2 * count;
        for (var i = 0; i < count; i++)
        {
            var own = numbers[(2 * count) + i];
            examples[i] = new EncodedExample(rows[i]!, rows[count + i], own < 0 ? null : [.. rows[next..(next + own)].OfType<int[]>()]);
            next += Math.Max(0, own);
        }

        return (examples, cutCount);
    }

    private static int[] Ids(ReadOnlySpan<byte> bytes, int idSize)
    {
        if (idSize == sizeof(int))
            return MemoryMarshal.Cast<byte, int>(bytes).ToArray();
        var narrow = MemoryMarshal.Cast<byte, ushort>(bytes);
        var ids = new int[narrow.Length];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = narrow[i];
        return ids;
    }
}

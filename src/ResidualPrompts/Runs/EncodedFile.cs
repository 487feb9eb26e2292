using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ResidualPrompts.Batching;

namespace ResidualPrompts.Runs;

/// <summary>
/// Token ids of many rows as bytes, little-endian: the key of what they were made from (32 bytes), i32 rows, i32 rows that were cut, i32 bytes of
/// an id (2 or 4); i32 input length of each row, i32 target length of each row (-1 = none); the ids, inputs first; SHA-256 of all that.
/// </summary>
internal static class EncodedFile
{
    private const int KeySize = SHA256.HashSizeInBytes;
    private const int HeaderSize = KeySize + (3 * sizeof(int));

    /// <summary>The bytes of encoded rows.</summary>
    public static byte[] Write(ReadOnlySpan<byte> key, IReadOnlyList<EncodedExample> examples, int cutCount)
    {
        var rows = examples.Select(example => example.InputIds).Concat(examples.Select(example => example.TargetIds)).ToList();
        var idCount = rows.Sum(ids => (long)(ids?.Length ?? 0));
        var isNarrow = rows.All(ids => ids is null || !ids.AsSpan().ContainsAnyExceptInRange(0, ushort.MaxValue));
        var idSize = isNarrow ? sizeof(ushort) : sizeof(int);
        using var bytes = new MemoryStream(checked((int)(HeaderSize + ((long)rows.Count * sizeof(int)) + (idCount * idSize) + KeySize)));
        bytes.Write(key);
        bytes.Write(MemoryMarshal.AsBytes<int>([examples.Count, cutCount, idSize]));
        bytes.Write(MemoryMarshal.AsBytes<int>(rows.Select(ids => ids?.Length ?? -1).ToArray()));
        foreach (var ids in rows.OfType<int[]>())
            bytes.Write(isNarrow ? MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(ids, id => (ushort)id)) : MemoryMarshal.AsBytes<int>(ids));
        bytes.Write(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)));
        return bytes.ToArray();
    }

    /// <summary>The encoded rows; null when the bytes are damaged or were made from something else.</summary>
    public static (EncodedExample[] Examples, int CutCount)? Read(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> key)
    {
        if (bytes.Length < HeaderSize + KeySize || !bytes[..KeySize].SequenceEqual(key) || !SHA256.HashData(bytes[..^KeySize]).AsSpan().SequenceEqual(bytes[^KeySize..]))
            return null;
        var header = MemoryMarshal.Cast<byte, int>(bytes[KeySize..HeaderSize]);
        var (count, cutCount, idSize) = (header[0], header[1], header[2]);
        var lengths = MemoryMarshal.Cast<byte, int>(bytes[HeaderSize..])[..(2 * count)];
        var ids = bytes[(HeaderSize + (lengths.Length * sizeof(int)))..^KeySize];
        var rows = new int[]?[lengths.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (lengths[i] < 0)
                continue;
            var size = lengths[i] * idSize;
            rows[i] = Ids(ids[..size], idSize);
            ids = ids[size..];
        }

        return ([.. Enumerable.Range(0, count).Select(i => new EncodedExample(rows[i]!, rows[count + i]))], cutCount);
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

using System.Buffers.Binary;
using System.Globalization;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// The pages of a column chunk, looked through before they are decoded: what they claim to hold must fit together, since memory is allocated for
/// claims, and every page must be of a kind that can be decoded.
/// </summary>
internal static class ParquetPages
{
    // Fields of a chunk.
    private const short CodecField = 4;
    private const short ValueCountField = 5;
    private const short DataField = 9;
    private const short IndexField = 10;
    private const short DictionaryField = 11;

    // Codecs.
    private const int Snappy = 1;
    private const int Zstandard = 6;
    private const int ZstandardBlock = 1 << 17;
    private const int LongestHeader = 18;
    private static readonly int[] Codecs = [0, Snappy, 2, 4, 5, Zstandard, 7];

    private const int DataPage = 0;
    private const int DictionaryPage = 2;
    private const int DataPage2 = 3;
    private static readonly int[] Encodings = [0, 2, 3, 5, 6, 7, 8, 9];
    private const int RunLengths = 3;

    /// <summary>Looks through the pages of a chunk.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="chunk">The chunk's description.</param>
    /// <param name="type">The column's type.</param>
    /// <param name="isNested">Whether values repeat within a row.</param>
    /// <returns>The bytes of all pages, as they are in the file and unpacked.</returns>
    /// <exception cref="InvalidDataException">The pages cannot be right.</exception>
    /// <exception cref="NotSupportedException">The pages are of a kind that cannot be decoded.</exception>
    public static (long Packed, long Unpacked) Check(Stream stream, ThriftStruct chunk, ParquetType type, bool isNested)
    {
        var codec = (int)(chunk.Number(CodecField) ?? 0);
        if (!Codecs.Contains(codec))
            throw new NotSupportedException($"it is compressed by method {codec}, which is unknown");
        var left = chunk.Number(ValueCountField) ?? 0;
        var offsets = new[] { DictionaryField, DataField, IndexField }.Select(field => chunk.Number(field) ?? 0).Where(offset => offset != 0);
        var (position, packed, unpacked) = (offsets.DefaultIfEmpty(-1).Min(), 0L, 0L);
        while (left > 0)
        {
            if (position < 0 || position >= stream.Length)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"its pages lack {left} values"));
            stream.Position = position;
            var page = ThriftStruct.Read(stream, stream.Length);
            var (size, smaller) = (Size(page, 2), Size(page, 3));
            if (smaller > stream.Length - stream.Position)
                throw new InvalidDataException("a page goes beyond the end of the file");
            position = stream.Position + smaller;
            packed += smaller;
            unpacked += Math.Max(size, Claimed(stream, codec, smaller, page));
            left -= CheckValues(page, size, left, type, isNested);
        }

        return (packed, unpacked);
    }

    /// <summary>The number of values in a page.</summary>
    private static long CheckValues(ThriftStruct page, long size, long most, ParquetType type, bool isNested)
    {
        var kind = (int)(page.Number(1) ?? -1);
        var header = page.Struct(kind switch { DataPage => 5, DictionaryPage => 7, DataPage2 => 8, _ => 0 });
        if (header is null)
            throw new NotSupportedException($"it has a page of kind {kind}, which cannot be read");
        var count = Size(header, 1);
        if (kind == DictionaryPage)
        {
            // A value takes a byte or more.
            return count <= size ? 0 : throw new InvalidDataException($"a dictionary of {size} bytes claims {count} values");
        }

        var encoding = (int)(header.Number(kind == DataPage ? (short)2 : (short)4) ?? -1);
        if (!Encodings.Contains(encoding) || (encoding == RunLengths && type.Physical == ParquetPhysical.Boolean))
            throw new NotSupportedException($"it has a page of encoding {encoding}, which cannot be read");
        if (kind == DataPage2 && isNested)
            throw new NotSupportedException("it has lists in pages of version 2");
        return count <= most ? count : throw new InvalidDataException($"a page claims {count} values of {most}");
    }

    private static long Size(ThriftStruct place, short field) => place.Number(field) is >= 0 and <= int.MaxValue and var size ? size
        : throw new InvalidDataException("a page does not say how large it is");

    /// <summary>How many bytes the packed bytes themselves claim to become, where unpacking believes them.</summary>
    private static long Claimed(Stream stream, int codec, long size, ThriftStruct page)
    {
        if (codec is not (Snappy or Zstandard) || size == 0)
            return 0;
        var header = page.Struct(8);
        if (header?.Has(7) == true && !header.Flag(7))
            return 0;
        var levels = header is null ? 0 : Math.Min(size, Size(header, 5) + Size(header, 6));
        stream.Position += levels;
        var start = stream.Position;
        var bytes = new byte[Math.Min(size - levels, LongestHeader)];
        stream.ReadExactly(bytes);
        if (codec == Snappy)
            return Varint(bytes);
        var (claim, blocks) = ZstandardHeader(bytes);
        return claim ?? ZstandardBlocks(stream, start + blocks, start + size - levels);
    }

    private static long Varint(ReadOnlySpan<byte> bytes)
    {
        var value = 0L;
        for (var i = 0; i < Math.Min(5, bytes.Length); i++)
        {
            value |= (long)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
                break;
        }

        return value;
    }

    /// <summary>The content size in a frame's header (RFC 8878, 3.1.1.1), if it is there, and where the blocks begin.</summary>
    private static (long? Size, int Blocks) ZstandardHeader(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 6)
            return (0, 0);
        var (flag, isSingle, dictionary) = (frame[4] >> 6, (frame[4] & 0x20) != 0, (frame[4] & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 });
        var (at, width) = (5 + (isSingle ? 0 : 1) + dictionary, flag switch { 0 => isSingle ? 1 : 0, 1 => 2, 2 => 4, _ => 8 });
        if (width == 0 || frame.Length < at + width)
            return (width == 0 ? null : 0, at);
        Span<byte> eight = stackalloc byte[sizeof(long)];
        eight.Clear();
        frame.Slice(at, width).CopyTo(eight);
        var size = BinaryPrimitives.ReadInt64LittleEndian(eight) + (width == 2 ? 256 : 0);
        return (size < 0 ? long.MaxValue >> 1 : size, at + width);
    }

    /// <summary>What the blocks of a frame can become at most.</summary>
    private static long ZstandardBlocks(Stream stream, long position, long end)
    {
        var sum = 0L;
        Span<byte> header = stackalloc byte[3];
        while (end - position >= header.Length)
        {
            stream.Position = position;
            stream.ReadExactly(header);
            var block = header[0] | (header[1] << 8) | (header[2] << 16);
            var (kind, length) = ((block >> 1) & 3, block >> 3);
            sum += kind == 2 ? ZstandardBlock : length;
            position += header.Length + (kind == 1 ? 1 : length);
            if ((block & 1) != 0)
                break;
        }

        return sum;
    }
}

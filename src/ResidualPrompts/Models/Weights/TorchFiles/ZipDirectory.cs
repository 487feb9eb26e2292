using System.Buffers.Binary;
using System.Text;
using static ResidualPrompts.Models.Weights.ErrorText;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>
/// The central directory of a zip archive from torch.save, whose entries are stored uncompressed, so that they can be mapped. Nothing is
/// extracted, so no name can lead out of a folder; compressed entries are refused, so nothing can expand beyond the file's size. The framework's
/// ZipArchive does not reveal where in the file an entry lies. Source: PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.3.
/// </summary>
internal sealed class ZipDirectory
{
    private const uint EndSignature = 0x06054b50;
    private const uint End64Signature = 0x06064b50;
    private const uint Locator64Signature = 0x07064b50;
    private const uint EntrySignature = 0x02014b50;
    private const uint LocalSignature = 0x04034b50;
    private const int EndSize = 22;
    private const int End64Size = 56;
    private const int Locator64Size = 20;
    private const int EntrySize = 46;
    private const int LocalSize = 30;
    private const int LongestComment = ushort.MaxValue;
    private const ushort Zip64Field = 1;

    /// <summary>A tensor has about 100 bytes in the directory; a larger one does not belong to a model.</summary>
    private const int LargestDirectory = 100_000_000;

    private readonly string _path;
    private readonly StoredBytes _file;
    private readonly Dictionary<string, ZipEntry> _entries = new(StringComparer.Ordinal);

    private ZipDirectory(string path, StoredBytes file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>The entries by name.</summary>
    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    /// <summary>The directory's bytes, with every entry's size and checksum.</summary>
    public byte[] Bytes { get; private set; } = [];

    /// <summary>Whether a file begins like a zip archive.</summary>
    public static bool IsZip(StoredBytes file) => file.Length >= 4 && BinaryPrimitives.ReadUInt32LittleEndian(file.Copy(0, 4)) == LocalSignature;

    /// <summary>Reads and checks the directory.</summary>
    /// <exception cref="CheckpointException">It is missing or damaged, or has an entry that is not stored plainly within the file.</exception>
    public static ZipDirectory Read(string path, StoredBytes file)
    {
        var directory = new ZipDirectory(path, file);
        var (begin, length) = directory.Locate();
        directory.Bytes = file.Copy(begin, (int)length);
        directory.ReadEntries(begin);
        return directory;
    }

    private (long Begin, long Length) Locate()
    {
        var tailBegin = Math.Max(0, _file.Length - EndSize - LongestComment - Locator64Size);
        var tail = _file.Copy(tailBegin, (int)(_file.Length - tailBegin));
        var end = FindEnd(tail);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 12));
        long begin = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(end + 16));
        var directoryEnd = tailBegin + end;
        var locator = end - Locator64Size;
        if (locator >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(locator)) == Locator64Signature)
        {
            directoryEnd = (long)BinaryPrimitives.ReadUInt64LittleEndian(tail.AsSpan(locator + 8));
            if (directoryEnd < 0 || directoryEnd > _file.Length - End64Size)
            {
                throw Invalid("the 64-bit end record", "a place in the file", $"{directoryEnd}");
            }

            var end64 = _file.Copy(directoryEnd, End64Size);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end64) != End64Signature)
            {
                throw Invalid("the 64-bit end record", "its signature", "other bytes");
            }

            length = (long)BinaryPrimitives.ReadUInt64LittleEndian(end64.AsSpan(40));
            begin = (long)BinaryPrimitives.ReadUInt64LittleEndian(end64.AsSpan(48));
        }

        return begin >= 0 && length >= 0 && length <= LargestDirectory && begin <= directoryEnd - length
            ? (begin, length)
            : throw Invalid(
                "the central directory", $"at most {LargestDirectory} bytes before byte {directoryEnd}", $"{length} bytes from byte {begin}");
    }

    private int FindEnd(byte[] tail)
    {
        for (var position = tail.Length - EndSize; position >= 0; position--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(position)) == EndSignature
                && position + EndSize + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(position + 20)) == tail.Length)
            {
                return position;
            }
        }

        throw Invalid("the end", "the end record of a zip archive", "none, so the file is not whole");
    }

    private void ReadEntries(long directoryBegin)
    {
        var rest = Bytes.AsSpan();
        while (rest.Length > 0)
        {
            if (rest.Length < EntrySize || BinaryPrimitives.ReadUInt32LittleEndian(rest) != EntrySignature)
            {
                throw Invalid("the central directory", "entries up to its end", $"other bytes behind {_entries.Count} entries");
            }

            var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
            var extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
            var entryLength = EntrySize + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
            if (entryLength > rest.Length)
            {
                throw Invalid("the central directory", "entries up to its end", "an entry that goes beyond it");
            }

            var name = Encoding.UTF8.GetString(rest.Slice(EntrySize, nameLength));
            var entry = ReadEntry(name, rest[..EntrySize], rest.Slice(EntrySize + nameLength, extraLength), directoryBegin);
            if (!_entries.TryAdd(name, entry))
            {
                throw Invalid("the central directory", "every name once", $"{Quote(name)} twice");
            }

            rest = rest[entryLength..];
        }
    }

    private ZipEntry ReadEntry(string name, ReadOnlySpan<byte> entry, ReadOnlySpan<byte> extra, long directoryBegin)
    {
        var isEncrypted = (BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]) & 1) != 0;
        var method = BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]);
        if (isEncrypted || method != 0)
        {
            throw Invalid($"the entry {Quote(name)}", "stored bytes, as torch.save writes them",
                isEncrypted ? "encrypted ones" : $"compressed ones (method {method})");
        }

        var stored = new Zip64Values(extra);
        var length = stored.Next(BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]));
        var storedLength = stored.Next(BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]));
        var local = stored.Next(BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]));
        if (length is not { } count || storedLength != count || local is not { } header || header > directoryBegin - LocalSize)
        {
            throw Invalid($"the entry {Quote(name)}", "a size and a place before the central directory",
                $"{length} bytes, stored as {storedLength}, at {local}");
        }

        var bytes = _file.Copy(header, LocalSize);
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) != LocalSignature)
        {
            throw Invalid($"the entry {Quote(name)}", $"its header at byte {header}", "other bytes");
        }

        var begin = header + LocalSize + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(26))
            + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(28));
        return count <= directoryBegin - begin
            ? new ZipEntry(name, begin, count)
            : throw Invalid($"the entry {Quote(name)}", $"bytes before the central directory at {directoryBegin}", $"{count} bytes from {begin}");
    }

    private CheckpointException Invalid(string problem, string expected, string found) =>
        CheckpointException.InvalidTorchFile(_path, $"{problem} of the zip archive", expected, found);

    /// <summary>
    /// The values of an entry that do not fit into 32 bits, in the order of the record; only those marked in the record are present.
    /// </summary>
    private ref struct Zip64Values
    {
        private ReadOnlySpan<byte> _values;

        public Zip64Values(ReadOnlySpan<byte> extra)
        {
            while (extra.Length >= 4)
            {
                var size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
                if (size > extra.Length - 4)
                {
                    return;
                }

                if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == Zip64Field)
                {
                    _values = extra.Slice(4, size);
                    return;
                }

                extra = extra[(4 + size)..];
            }
        }

        /// <summary>
        /// Returns the value itself, or the next 64-bit value if it is only the mark; null when there is none or it is out of range.
        /// </summary>
        public long? Next(uint value)
        {
            if (value != uint.MaxValue)
            {
                return value;
            }

            if (_values.Length < 8)
            {
                return null;
            }

            var wide = (long)BinaryPrimitives.ReadUInt64LittleEndian(_values);
            _values = _values[8..];
            return wide >= 0 ? wide : null;
        }
    }
}

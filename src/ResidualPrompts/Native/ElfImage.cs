using System.Buffers.Binary;
using System.Text;

namespace ResidualPrompts.Native;

/// <summary>A section of an ELF file, as its header describes it.</summary>
internal readonly record struct ElfSection(uint Type, ulong Offset, ulong Length, uint Link, uint Info);

/// <summary>
/// The bytes of a 64-bit little-endian ELF file. Every access is checked: reading outside the file throws a <see cref="NativeLibraryException"/>.
/// Layouts are those of the System V ABI, ELF-64 object file format.
/// </summary>
internal sealed class ElfImage
{
    internal const int HeaderLength = 64;
    private const int SectionHeaderLength = 64;
    private const int SegmentHeaderLength = 56;
    private const uint LoadSegment = 1;  // PT_LOAD
    private const uint NoBits = 8;       // SHT_NOBITS: a section without bytes in the file

    private readonly byte[] _bytes;
    private readonly string _path;

    /// <summary>Checks the identification: 64-bit, little-endian, shared object, x86-64.</summary>
    /// <param name="bytes">The file, or its beginning if only the header is needed.</param>
    /// <param name="path">Path of the file, for messages.</param>
    internal ElfImage(byte[] bytes, string path)
    {
        _bytes = bytes;
        _path = path;
        if (_bytes.Length < HeaderLength)
            throw Broken($"the file has {_bytes.Length} bytes, and an ELF header alone takes {HeaderLength}");
        if (U32(0) != 0x464C457F)
            throw Broken("it does not begin with the ELF signature 7F 45 4C 46");
        if (_bytes[4] != 2 || _bytes[5] != 1 || U16(16) != 3 || U16(18) != 62)
            throw Broken($"expected a 64-bit little-endian shared object for x86-64 (class 2, data 1, type 3, machine 62), "
                + $"found class {_bytes[4]}, data {_bytes[5]}, type {U16(16)}, machine {U16(18)}");
        if (U16(54) != SegmentHeaderLength || U16(58) != SectionHeaderLength)
            throw Broken($"expected program headers of {SegmentHeaderLength} and section headers of {SectionHeaderLength} bytes, "
                + $"found {U16(54)} and {U16(58)}");
    }

    private ulong SegmentTable => U64(32);

    private ulong SectionTable => U64(40);

    private int SegmentCount => U16(56);

    private int SectionCount => U16(60);

    /// <summary>
    /// The first byte after everything that the headers describe: their tables and the loaded segments. A shorter file is incomplete, and the
    /// system's loader would end the process with a bus error.
    /// </summary>
    /// <param name="read">Reads a range of the file: offset and length in bytes.</param>
    internal ulong EndOfContent(Func<ulong, int, byte[]> read)
    {
        var end = Math.Max(
            End(SegmentTable, (ulong)(SegmentCount * SegmentHeaderLength)),
            End(SectionTable, (ulong)(SectionCount * SectionHeaderLength)));
        var segments = read(SegmentTable, SegmentCount * SegmentHeaderLength);
        for (var at = 0; at < segments.Length; at += SegmentHeaderLength)
        {
            var segment = segments.AsSpan(at, SegmentHeaderLength);
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) == LoadSegment)
                end = Math.Max(
                    end, End(BinaryPrimitives.ReadUInt64LittleEndian(segment[8..]), BinaryPrimitives.ReadUInt64LittleEndian(segment[32..])));
        }
        return end;
    }

    /// <summary>Returns section number <paramref name="index"/>, whose bytes lie in the file.</summary>
    internal ElfSection Section(uint index)
    {
        if (index >= SectionCount)
            throw Broken($"it speaks of section {index} and has {SectionCount}");
        Check(SectionTable, (ulong)(SectionCount * SectionHeaderLength));
        var at = SectionTable + (index * SectionHeaderLength);
        var section = new ElfSection(U32(at + 4), U64(at + 24), U64(at + 32), U32(at + 40), U32(at + 44));
        if (section.Type != NoBits)
            Check(section.Offset, section.Length);
        return section;
    }

    /// <summary>The sections of one type (SHT_...).</summary>
    internal IReadOnlyList<ElfSection> Sections(uint type) =>
        [.. Enumerable.Range(0, SectionCount).Select(index => Section((uint)index)).Where(section => section.Type == type)];

    internal ushort U16(ulong offset) => BinaryPrimitives.ReadUInt16LittleEndian(Slice(offset, 2));

    internal uint U32(ulong offset) => BinaryPrimitives.ReadUInt32LittleEndian(Slice(offset, 4));

    internal ulong U64(ulong offset) => BinaryPrimitives.ReadUInt64LittleEndian(Slice(offset, 8));

    /// <summary>A zero-terminated string of a string table.</summary>
    internal string Text(ElfSection table, uint offset)
    {
        if (offset >= table.Length)
            throw Broken($"it speaks of byte {offset} of a string table of {table.Length} bytes");
        var rest = Slice(table.Offset + offset, table.Length - offset);
        var length = rest.IndexOf((byte)0);
        if (length < 0)
            throw Broken($"a string at byte {table.Offset + offset} has no end");
        return Encoding.ASCII.GetString(rest[..length]);
    }

    /// <summary>
    /// The file offsets of a list of version entries. Each entry gives the distance to the next (0 = last). Every entry lies behind its
    /// predecessor, so the walk ends in any file.
    /// </summary>
    /// <param name="section">The section that holds the list.</param>
    /// <param name="first">Start of the list, in bytes from the section's start.</param>
    /// <param name="count">Maximum number of entries.</param>
    /// <param name="lengthOfEntry">Bytes of an entry.</param>
    /// <param name="offsetOfNext">Offset of the distance in an entry.</param>
    internal IEnumerable<ulong> Chain(ElfSection section, ulong first, uint count, ulong lengthOfEntry, ulong offsetOfNext)
    {
        var at = first;
        for (var i = 0u; i < count; i++)
        {
            if (at > section.Length || lengthOfEntry > section.Length - at)
                throw Broken($"a version entry lies at byte {at} of a section of {section.Length} bytes");
            yield return section.Offset + at;
            var next = U32(section.Offset + at + offsetOfNext);
            if (next == 0)
                yield break;
            at += next;
        }
    }

    internal NativeLibraryException Broken(string problem) => NativeLibraryException.Broken(_path, problem);

    private ReadOnlySpan<byte> Slice(ulong offset, ulong length)
    {
        Check(offset, length);
        return _bytes.AsSpan((int)offset, (int)length);
    }

    private void Check(ulong offset, ulong length)
    {
        if (offset > (ulong)_bytes.Length || length > (ulong)_bytes.Length - offset)
            throw Broken($"it speaks of {length} bytes at byte {offset} and has {_bytes.Length} bytes");
    }

    private ulong End(ulong offset, ulong length) =>
        offset <= ulong.MaxValue - length ? offset + length : throw Broken($"it speaks of {length} bytes at byte {offset}");
}

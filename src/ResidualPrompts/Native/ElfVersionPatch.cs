using System.Buffers.Binary;

namespace ResidualPrompts.Native;

/// <summary>Makes <c>libLibTorchSharp.so</c> load on systems with an older libstdc++ than the one it was linked with.</summary>
/// <remarks>
/// <para>
/// The file requires the version GLIBCXX_3.4.32 of libstdc++ (GCC 13) for one symbol, <c>std::ios_base_library_init()</c>. Every C++ file that
/// includes &lt;iostream&gt; mentions this symbol, and no relocation uses it; libtorch initializes the streams itself. Nevertheless the system's
/// loader refuses the file when the version is missing, unless its reference (an entry Vernaux of section .gnu.version_r) has the flag
/// VER_FLG_WEAK. This class sets the flag, in memory.
/// </para>
/// <para>
/// It does so only when the file is exactly as described. Any other build is refused with a message, instead of failing later at a call. The layouts
/// are those of the Linux Standard Base, "Symbol Versioning".
/// </para>
/// </remarks>
internal static class ElfVersionPatch
{
    internal const string VersionName = "GLIBCXX_3.4.32";
    private const string Library = "libstdc++.so.6";
    private const string OnlySymbol = "_ZSt21ios_base_library_initv";

    private const uint RelocationsWithAddend = 4;   // SHT_RELA
    private const uint Relocations = 9;             // SHT_REL
    private const uint DynamicSymbols = 11;         // SHT_DYNSYM
    private const uint VersionReferences = 0x6FFFFFFE; // SHT_GNU_verneed
    private const uint SymbolVersions = 0x6FFFFFFF; // SHT_GNU_versym
    private const ushort Weak = 2;                  // VER_FLG_WEAK
    private const ushort VersionMask = 0x7FFF;      // the highest bit of a symbol's version means "hidden"
    private const ulong SymbolLength = 24;
    private const ulong RelocationLength = 24;

    /// <summary>Returns a copy of the file in which the reference to the version is weak.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="path">Path of the file, for messages.</param>
    /// <exception cref="NativeLibraryException">
    /// The file is damaged, has no such reference, or uses the version for more than that one symbol.
    /// </exception>
    internal static byte[] Apply(byte[] file, string path)
    {
        var image = new ElfImage(file, path);
        var reference = FindReference(image, path);
        CheckUses(image, path, reference.Version);

        var patched = file.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(patched.AsSpan((int)reference.FlagsOffset), (ushort)(reference.Flags | Weak));
        return patched;
    }

    private static Reference FindReference(ElfImage image, string path)
    {
        var section = Only(image, path, VersionReferences, "version references (.gnu.version_r)");
        var names = image.Section(section.Link);
        Reference? found = null;
        foreach (var need in image.Chain(section, 0, section.Info, lengthOfEntry: 16, offsetOfNext: 12))
        {
            if (image.Text(names, image.U32(need + 4)) != Library)
                continue;
            var entries = need - section.Offset + image.U32(need + 8);
            foreach (var entry in image.Chain(section, entries, image.U16(need + 2), lengthOfEntry: 16, offsetOfNext: 12))
            {
                if (image.Text(names, image.U32(entry + 8)) != VersionName)
                    continue;
                if (found is not null)
                    throw NativeLibraryException.NotPatchable(path, "it has that reference twice");
                found = new Reference(entry + 4, image.U16(entry + 4), (ushort)(image.U16(entry + 6) & VersionMask));
            }
        }
        return found ?? throw NativeLibraryException.NotPatchable(path, $"it has no such reference for {Library}");
    }

    /// <summary>Checks that only one undefined symbol has the version, and that nothing in the file is bound to that symbol.</summary>
    private static void CheckUses(ElfImage image, string path, ushort version)
    {
        var symbols = Only(image, path, DynamicSymbols, "dynamic symbols (.dynsym)");
        var versions = Only(image, path, SymbolVersions, "symbol versions (.gnu.version)");
        var names = image.Section(symbols.Link);
        var count = symbols.Length / SymbolLength;
        if (versions.Length / 2 != count)
            throw NativeLibraryException.NotPatchable(path, $"it has {count} dynamic symbols and {versions.Length / 2} symbol versions");

        ulong? user = null;
        for (ulong i = 0; i < count; i++)
        {
            if ((image.U16(versions.Offset + (2 * i)) & VersionMask) != version)
                continue;
            var name = image.Text(names, image.U32(symbols.Offset + (i * SymbolLength)));
            if (name != OnlySymbol)
                throw NativeLibraryException.NotPatchable(path, $"the symbol {name} needs that version too");
            user = i;
        }
        if (user is not { } symbol)
            throw NativeLibraryException.NotPatchable(path, $"its symbol {OnlySymbol} does not have that version");
        CheckNoRelocation(image, path, symbol);
    }

    private static void CheckNoRelocation(ElfImage image, string path, ulong symbol)
    {
        if (image.Sections(Relocations).Count > 0)
            throw NativeLibraryException.NotPatchable(path, "it has relocations without addend, which x86-64 does not use");
        foreach (var section in image.Sections(RelocationsWithAddend))
        {
            for (ulong i = 0; i < section.Length / RelocationLength; i++)
            {
                if (image.U64(section.Offset + (i * RelocationLength) + 8) >> 32 == symbol)
                    throw NativeLibraryException.NotPatchable(path, $"it uses the symbol {OnlySymbol}");
            }
        }
    }

    private static ElfSection Only(ElfImage image, string path, uint type, string name) =>
        image.Sections(type) is [var section]
            ? section
            : throw NativeLibraryException.NotPatchable(path, $"expected one section of {name}, found {image.Sections(type).Count}");

    private readonly record struct Reference(ulong FlagsOffset, ushort Flags, ushort Version);
}

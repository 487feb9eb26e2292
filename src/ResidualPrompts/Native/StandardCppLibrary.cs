#pragma warning disable RS0030 // The kernel's list of this process.

namespace ResidualPrompts.Native;

/// <summary>The libstdc++ that this process has loaded. Linux only.</summary>
internal static class StandardCppLibrary
{
    private const string Prefix = "GLIBCXX_";
    private const uint VersionDefinitions = 0x6FFFFFFD; // SHT_GNU_verdef

    /// <summary>The newest version that it offers, for example "GLIBCXX_3.4.30"; null when it is unknown.</summary>
    internal static string? NewestVersion()
    {
        try
        {
            return PathIn(File.ReadLines("/proc/self/maps")) is { } path ? NewestVersion(ElfFile.Read(path), path) : null;
        }
        catch (Exception e) when (e is NativeLibraryException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The newest GLIBCXX version that a file defines; null when it defines none.</summary>
    /// <exception cref="NativeLibraryException">The file is damaged.</exception>
    internal static string? NewestVersion(byte[] file, string path)
    {
        var image = new ElfImage(file, path);
        return (
            from section in image.Sections(VersionDefinitions)
            let names = image.Section(section.Link)
            from definition in image.Chain(section, 0, section.Info, lengthOfEntry: 20, offsetOfNext: 16)
            let name = image.Text(names, image.U32(definition + image.U32(definition + 12)))
            where name.StartsWith(Prefix, StringComparison.Ordinal)
            let version = Version.TryParse(name[Prefix.Length..], out var number) ? number : null
            where version is not null
            orderby version descending
            select name).FirstOrDefault();
    }

    /// <summary>The path of libstdc++ in the lines of /proc/self/maps, whose sixth column is the mapped file.</summary>
    internal static string? PathIn(IEnumerable<string> maps) => maps
        .Select(line => line.IndexOf('/') is var start and >= 0 ? line[start..] : "")
        .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libstdc++.so", StringComparison.Ordinal));
}

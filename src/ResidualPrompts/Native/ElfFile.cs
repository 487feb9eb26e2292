#pragma warning disable RS0030 // Native uses no other folder; a library is a file of the program.

namespace ResidualPrompts.Native;

/// <summary>Reading ELF files from disk.</summary>
internal static class ElfFile
{
    /// <summary>The whole file.</summary>
    /// <exception cref="NativeLibraryException">It cannot be read.</exception>
    internal static byte[] Read(string path) => Reading(path, () => File.ReadAllBytes(path));

    /// <summary>
    /// Checks by its headers that the file is a complete shared object for x86-64; reads only one page. An incomplete copy would otherwise end
    /// the process with a bus error inside the system's loader.
    /// </summary>
    /// <exception cref="NativeLibraryException">It is not a shared object for x86-64, or it is incomplete.</exception>
    internal static void CheckComplete(string path) => Reading(path, () =>
    {
        using var stream = File.OpenRead(path);
        var file = stream.SafeFileHandle;
        var length = (ulong)RandomAccess.GetLength(file);
        var header = new byte[(int)Math.Min(ElfImage.HeaderLength, length)];
        RandomAccess.Read(file, header, 0);
        var image = new ElfImage(header, path);
        var end = image.EndOfContent((offset, count) =>
        {
            var range = new byte[count];
            if (offset > length || RandomAccess.Read(file, range, (long)offset) < count)
                throw image.Broken($"it ends at byte {length}, before its program headers at {offset} do");
            return range;
        });
        if (end > length)
            throw image.Broken($"it has {length} bytes, and its headers speak of {end}");
        return true;
    });

    private static T Reading<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NativeLibraryException.Unreadable(path, e);
        }
    }
}

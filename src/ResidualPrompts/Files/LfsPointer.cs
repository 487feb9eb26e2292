using System.Globalization;
using System.Text;

namespace ResidualPrompts.Files;

/// <summary>
/// The few lines that Git checks out in place of a large file when Git LFS is not installed or its files were not downloaded. Source:
/// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
/// </summary>
internal static class LfsPointer
{
    private const int Longest = 1024; // by its specification, less
    private const string SizeKey = "\nsize ";

    private static readonly byte[][] Starts =
        ["version https://git-lfs.github.com/spec/"u8.ToArray(), "version https://hawser.github.com/spec/"u8.ToArray()];

    /// <summary>Refuses a pointer in place of a file. The stream's position does not change.</summary>
    /// <exception cref="FileException">The file is a pointer.</exception>
    internal static void Refuse(string path, FileStream file)
    {
        if (!file.CanSeek || file.Length is 0 or > Longest)
            return;
        Span<byte> start = stackalloc byte[Longest];
        Refuse(path, start[..RandomAccess.Read(file.SafeFileHandle, start, 0)], file.Length);
    }

    /// <summary>Refuses a pointer in place of a file, by the file's first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="start">Its first bytes; a whole pointer has less than 1024.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <exception cref="FileException">The file is a pointer.</exception>
    internal static void Refuse(string path, ReadOnlySpan<byte> start, long length)
    {
        foreach (var known in Starts)
        {
            if (length <= Longest && start.StartsWith(known))
                throw FileException.LfsPointer(path, length, SizeIn(Encoding.Latin1.GetString(start)));
        }
    }

    private static long? SizeIn(string pointer) => pointer.IndexOf(SizeKey, StringComparison.Ordinal) is >= 0 and var at
        && long.TryParse(
            pointer[(at + SizeKey.Length)..].Split('\n', '\r')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : null;
}

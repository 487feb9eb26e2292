using System.Text.RegularExpressions;

namespace ResidualPrompts.Files;

/// <summary>
/// Writes a file atomically: a reader sees the old content or the new, never a part. The content goes to a temporary file in the same folder (a
/// rename across file systems would copy), is flushed to the disk, and is renamed over the target. Readers that have the old file open or mapped
/// keep it; on Windows the rename fails as long as there are any.
/// </summary>
internal static partial class AtomicFile
{
    internal const int BufferSize = 1 << 16;
    private const string Extension = ".tmp";

    /// <summary>Writes <paramref name="path"/>. If anything throws, the old file is untouched and no temporary file is left.</summary>
    /// <param name="path">The file to create or replace; its folder must exist.</param>
    /// <param name="write">Writes the content to the stream, front to back. Its exceptions are passed on.</param>
    /// <exception cref="IOException">The file system refused, for example because the folder is missing or the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public static void Write(string path, Action<Stream> write) => Replace(path, temporary =>
    {
        using var stream = Disk.Create(temporary, BufferSize);
        write(stream);
        stream.FlushToDisk();
    });

    /// <summary>Makes <paramref name="path"/> a symbolic link, atomically.</summary>
    /// <param name="path">The link to create or replace; its folder must exist.</param>
    /// <param name="target">The link's target, relative to its folder.</param>
    /// <exception cref="IOException">The file system refused, for example because it does not support links.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written, or the user lacks the right to create links.</exception>
    public static void Link(string path, string target) => Replace(path, temporary => Disk.Link(temporary, target));

    /// <summary>
    /// Temporary files of a target that a killed process left. A process that still writes one holds it: the system's lock on an open file ends with
    /// its holder.
    /// </summary>
    public static IEnumerable<string> Leftovers(string path)
    {
        var target = Path.GetFullPath(path);
        var name = Path.GetFileName(target);
        return LeftoversIn(Path.GetDirectoryName(target)!).Where(file => IsTemporaryOf(name, Path.GetFileName(file)));
    }

    /// <summary>The same of all targets in a folder.</summary>
    public static IEnumerable<string> LeftoversIn(string folder) =>
        HiddenIn(folder).Where(file => TemporaryName().IsMatch(Path.GetFileName(file)) && !IsHeld(file));

    /// <summary>Whether a target has a temporary file, of a process that runs or was killed.</summary>
    internal static bool HasTemporary(string path)
    {
        var target = Path.GetFullPath(path);
        var name = Path.GetFileName(target);
        return HiddenIn(Path.GetDirectoryName(target)!).Any(file => IsTemporaryOf(name, Path.GetFileName(file)));
    }

    /// <summary>A name for the temporary file of a target; what killed processes left of the target is removed.</summary>
    internal static string TemporaryOf(string target)
    {
        if (Directory.Exists(target))
        {
            throw new IOException("it is a folder");
        }

        foreach (var leftover in Leftovers(target).ToList())
        {
            DeleteQuietly(leftover);
        }

        // The random part of the name separates two writers of one target; the last rename wins.
        return Path.Combine(Path.GetDirectoryName(target) ?? target, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}{Extension}");
    }

    /// <summary>The files of a folder that may be temporary ones; none where it does not exist.</summary>
    private static IEnumerable<string> HiddenIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $".*{Extension}") : [];

    /// <summary>Whether a name is that of a temporary file of a target, and not of another target whose name begins with it.</summary>
    private static bool IsTemporaryOf(string target, string name) =>
        name.StartsWith($".{target}.", StringComparison.Ordinal) && TemporaryEnd().IsMatch(name[(target.Length + 1)..]);

    private static bool IsHeld(string temporary)
    {
        try
        {
            if (new FileInfo(temporary).LinkTarget is not null)
                return false; // a link is made and renamed at once; its target is another's file
            using var file = Disk.ReadAlone(temporary);
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true; // in use, gone meanwhile, or another user's
        }
    }

    [GeneratedRegex(@"^\..+\.[a-z0-9]+\.tmp$")]
    private static partial Regex TemporaryName();

    [GeneratedRegex(@"^\.[a-z0-9]+(\.[a-z0-9]{3})?\.tmp$")]
    private static partial Regex TemporaryEnd();

    private static void Replace(string path, Action<string> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var target = Path.GetFullPath(path);
        var temporary = TemporaryOf(target);
        try
        {
            make(temporary);
            Disk.Rename(temporary, target);
        }
        catch
        {
            DeleteQuietly(temporary);
            throw;
        }
    }

    internal static void DeleteQuietly(string temporary)
    {
        try
        {
            Disk.Delete(temporary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Report the first failure, not this one.
        }
    }
}

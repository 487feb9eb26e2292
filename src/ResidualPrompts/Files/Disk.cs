using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

#pragma warning disable RS0030 // This is the door: here, and nowhere else in the library, files are opened for writing.

namespace ResidualPrompts.Files;

/// <summary>
/// The one door for writing: every change of the disk goes through it, so that a test can let any of them fail, or end the process before it.
/// Whole files are written by <see cref="AtomicFile"/>, logs by <see cref="AppendOnlyFile"/>.
/// </summary>
internal static partial class Disk
{
    private static readonly AsyncLocal<DiskLayer?> Layer = new();

    /// <summary>Puts a layer into the door, for the code that the caller starts from now on; null takes it out.</summary>
    internal static void Use(DiskLayer? layer) => Layer.Value = layer;

    /// <summary>Announces an operation.</summary>
    /// <returns>How many of the bytes to write now; all without a layer.</returns>
    internal static int Before(DiskOperation operation, string path, int byteCount = 0) =>
        Layer.Value?.Before(operation, path, byteCount) ?? byteCount;

    /// <summary>Makes a file that must not exist, for this process alone.</summary>
    internal static DiskStream Create(string path, int bufferSize)
    {
        Before(DiskOperation.Create, path);
        return new DiskStream(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0), path, bufferSize);
    }

    /// <summary>Opens a file for writing and keeps what it holds; makes it when there is none. Nothing is buffered.</summary>
    internal static DiskStream Open(string path, FileShare share)
    {
        Before(DiskOperation.Open, path);
        return new DiskStream(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, share, bufferSize: 0), path, bufferSize: 0);
    }

    /// <summary>Opens a file, or makes an empty one, that nobody else can open until the stream is closed. The system closes it
    /// when the process dies.</summary>
    internal static FileStream Lock(string path)
    {
        Before(DiskOperation.Open, path);
        return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
    }

    /// <summary>Opens a file for reading that others may write, rename and delete meanwhile.</summary>
    internal static FileStream Read(string path, int bufferSize = 1) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize);

    /// <summary>A file in the system's folder for temporary ones, to write and read; it is gone when it is
    /// closed, so that no layer counts what goes into it.</summary>
    internal static FileStream Scratch()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Before(DiskOperation.Create, path);
        return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
    }

    /// <summary>Renames a file over what may be there, and makes sure that the new name outlives a loss of power.</summary>
    internal static void Rename(string path, string target)
    {
        Before(DiskOperation.Rename, target);
        File.Move(path, target, overwrite: true);
        SyncFolderOf(target);
    }

    /// <summary>Makes a symbolic link.</summary>
    /// <param name="path">The link.</param>
    /// <param name="target">What it leads to, seen from its folder.</param>
    internal static void Link(string path, string target)
    {
        Before(DiskOperation.Link, path);
        File.CreateSymbolicLink(path, target);
    }

    /// <summary>Removes a file if it is there.</summary>
    internal static void Delete(string path)
    {
        Before(DiskOperation.Delete, path);
        File.Delete(path);
    }

    /// <summary>Says that a file was used now.</summary>
    internal static void Touch(string path)
    {
        Before(DiskOperation.Touch, path);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    }

    /// <summary>Makes a folder and those above it; nothing happens when it is there.</summary>
    internal static void CreateFolder(string path)
    {
        Before(DiskOperation.CreateFolder, path);
        Directory.CreateDirectory(path);
    }

    /// <summary>Removes a folder with all that is in it, file by file; a link is removed, not followed.</summary>
    internal static void DeleteFolder(string path)
    {
        var folder = new DirectoryInfo(path);
        foreach (var entry in IsLink(folder) ? [] : folder.GetFileSystemInfos())
        {
            if (entry is DirectoryInfo && !IsLink(entry))
                DeleteFolder(entry.FullName);
            else
                DeleteEntry(entry);
        }

        DeleteEntry(folder);
    }

    /// <summary>
    /// Waits until the disk has the names in a file's folder: on Unix a rename, or a new file, is one of the folder's own content. A file system
    /// that cannot do it is passed over. On Windows NTFS keeps its own journal of names.
    /// </summary>
    internal static void SyncFolderOf(string path)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Before(DiskOperation.SyncFolder, folder);
        if (OperatingSystem.IsWindows())
            return;
        using var handle = new SafeFileHandle(OpenFolder(folder, ReadOnly), ownsHandle: true);
        if (!handle.IsInvalid)
            _ = Synchronize(handle);
    }

    private static bool IsLink(FileSystemInfo entry) => entry.LinkTarget is not null;

    private static void DeleteEntry(FileSystemInfo entry)
    {
        Before(DiskOperation.Delete, entry.FullName);
        entry.Delete();
    }

    private const int ReadOnly = 0; // O_RDONLY

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(SafeFileHandle folder);
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

#pragma warning disable RS0030 // This is the only place in the library that opens files for writing.

namespace ResidualPrompts.Files;

/// <summary>
/// The only way to write: every change of the disk passes through this class, so that a test can make any of them fail, or end the process before it.
/// <see cref="AtomicFile"/> writes whole files, <see cref="AppendOnlyFile"/> logs.
/// </summary>
internal static partial class Disk
{
    private static readonly AsyncLocal<DiskLayer?> Layer = new();

    /// <summary>Installs a layer for the code that the caller starts from now on; null removes it.</summary>
    internal static void Use(DiskLayer? layer) => Layer.Value = layer;

    /// <summary>Announces an operation.</summary>
    /// <returns>How many of the bytes to write now; all of them without a layer.</returns>
    internal static int Before(DiskOperation operation, string path, int byteCount = 0) =>
        Layer.Value?.Before(operation, path, byteCount) ?? byteCount;

    /// <summary>Creates a file that must not exist yet, for this process alone unless it is shared.</summary>
    internal static DiskStream Create(string path, int bufferSize, FileShare share = FileShare.None)
    {
        Before(DiskOperation.Create, path);
        return new DiskStream(new FileStream(path, FileMode.CreateNew, FileAccess.Write, share, bufferSize: 0), path, bufferSize);
    }

    /// <summary>Opens a file for writing and keeps its content; creates it if missing. Unbuffered.</summary>
    internal static DiskStream Open(string path, FileShare share)
    {
        PlainFile.Require(path); // opening a pipe would wait for its reader
        Before(DiskOperation.Open, path);
        return new DiskStream(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, share, bufferSize: 0), path, bufferSize: 0);
    }

    /// <summary>
    /// Opens or creates a file that no other process can open until the stream is closed. The system closes it when the process dies.
    /// </summary>
    internal static FileStream Lock(string path)
    {
        PlainFile.Require(path);
        Before(DiskOperation.Open, path);
        return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
    }

    /// <summary>Opens a file for reading that no process holds.</summary>
    /// <exception cref="IOException">A process writes it, or it is gone.</exception>
    internal static FileStream ReadAlone(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.None, bufferSize: 1);

    /// <summary>Creates a temporary file to write and read. It is deleted when closed, so layers do not count its writes.</summary>
    internal static FileStream Scratch()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Before(DiskOperation.Create, path);
        return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose);
    }

    /// <summary>Renames a file over the target, and makes sure that the new name survives a power loss.</summary>
    internal static void Rename(string path, string target)
    {
        Before(DiskOperation.Rename, target);
        File.Move(path, target, overwrite: true);
        SyncFolderOf(target);
    }

    /// <summary>Creates a symbolic link.</summary>
    /// <param name="path">The link.</param>
    /// <param name="target">The link's target, relative to its folder.</param>
    internal static void Link(string path, string target)
    {
        Before(DiskOperation.Link, path);
        File.CreateSymbolicLink(path, target);
    }

    /// <summary>
    /// Gives a file a second name that must not exist yet: of several processes, on several hosts, one gets it. On Windows the file gives up its
    /// first one.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="name">Its second name, in the same folder.</param>
    /// <returns>Whether it has the name; null where the file system gives no second names.</returns>
    internal static bool? TryAddName(string path, string name)
    {
        Before(DiskOperation.Link, name);
        if (Layer.Value is { GivesSecondNames: false })
            return null;
        if (!OperatingSystem.IsWindows())
        {
            return AddName(path, name) == 0 ? true
                : Marshal.GetLastPInvokeError() is NoEntry or Exists ? false // ENOENT: somebody has removed the file
                : null;
        }

        try
        {
            File.Move(path, name, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(name) || !File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>Deletes a file if it exists.</summary>
    internal static void Delete(string path)
    {
        Before(DiskOperation.Delete, path);
        File.Delete(path);
    }

    /// <summary>Sets a file's time of last use to now, by the clock of the file system, which need not be this host's.</summary>
    internal static void Touch(string path)
    {
        Before(DiskOperation.Touch, path);
        if (OperatingSystem.IsWindows() || SetTimes(path, times: 0) != 0)
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
    }

    /// <summary>Creates a folder and its parents; does nothing if it exists.</summary>
    internal static void CreateFolder(string path)
    {
        Before(DiskOperation.CreateFolder, path);
        Directory.CreateDirectory(path);
    }

    /// <summary>Deletes a folder and its content, file by file. Links are deleted, not followed.</summary>
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
    /// Waits until the disk has the names in a file's folder. On Unix a rename or a new file changes the content of the folder. File systems that
    /// cannot sync a folder are ignored. On Windows, NTFS keeps its own journal of names.
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
    private const int NoEntry = 2, Exists = 17; // ENOENT, EEXIST

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int AddName(string path, string name);

    [LibraryImport("libc", EntryPoint = "utimes", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetTimes(string path, nint times);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Synchronize(SafeFileHandle folder);
}

using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

#pragma warning disable RS0030 // This is the only place in the library that opens files for reading.

namespace ResidualPrompts.Files;

/// <summary>
/// The only way to read. What is found in a folder must be a plain file (or a link to one) of a stated size: a pipe, socket or device in its place is
/// refused without waiting for it, also when it is put there between the check and the opening. What the user named may be a pipe; it is read up to a
/// bound. A pointer of Git LFS in place of any file is refused by name.
/// </summary>
internal static partial class PlainFile
{
    /// <summary>Longest settings: configurations, records, contracts, task files.</summary>
    internal const int LongestJson = 16 << 20;

    /// <summary>Longest log or state that the library itself wrote.</summary>
    internal const int LongestRecord = 1 << 30;

    /// <summary>Longest file with a name or a key in it.</summary>
    internal const int LongestText = 1 << 20;

    /// <summary>Opens a file that was found in a folder.</summary>
    /// <param name="path">The file.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="FileException">It is not a plain file, or a pointer of Git LFS.</exception>
    internal static FileStream Open(string path, FileShare share = FileShare.Read)
    {
        Require(path);
        var stream = OperatingSystem.IsWindows() ? OpenShared(path, 1, share) : OpenWithoutWaiting(path, share);
        try
        {
            if (!stream.CanSeek)
                throw FileException.NotPlain(path, "a pipe or a device");
            LfsPointer.Refuse(path, stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that was found in a folder: as many bytes as its size states.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">A file with more bytes is refused before anything is read.</param>
    /// <exception cref="FileException">It is not a plain file, larger, or a pointer of Git LFS.</exception>
    internal static byte[] Read(string path, long longest)
    {
        using var file = Open(path);
        var length = file.Length;
        if (length > Math.Min(longest, Array.MaxLength))
            throw FileException.TooLarge(path, length, Math.Min(longest, Array.MaxLength));
        var bytes = new byte[length];
        var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>Reads a text in UTF-8, or as its byte order mark says, that was found in a folder.</summary>
    /// <inheritdoc cref="Read" path="/exception"/>
    internal static string ReadText(string path, long longest)
    {
        using var reader = new StreamReader(new MemoryStream(Read(path, longest)));
        return reader.ReadToEnd();
    }

    /// <summary>Opens a file that the user named: a plain file, or a pipe.</summary>
    /// <exception cref="FileException">It is a pointer of Git LFS.</exception>
    internal static FileStream OpenNamed(string path, int bufferSize = 1)
    {
        FileStream Opened()
        {
            try
            {
                return OpenShared(path, bufferSize, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException && NearestPath.Hint(path) is { Length: > 0 } hint)
            {
                throw new FileNotFoundException(e.Message + hint, path, e);
            }
        }

        var stream = KindOf(CurrentFolder, path, flags: 0) is null ? Opened() : PipeWait.Open(Opened);
        try
        {
            LfsPointer.Refuse(path, stream);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that the user named: a plain file, or a pipe or device up to a bound.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">More bytes are refused.</param>
    /// <exception cref="FileException">It has more bytes, or is a pointer of Git LFS.</exception>
    internal static byte[] ReadNamed(string path, int longest)
    {
        using var file = OpenNamed(path);
        if (file.CanSeek && file.Length > longest)
            throw FileException.TooLarge(path, file.Length, longest);
        using var content = new MemoryStream();
        var block = new byte[1 << 16];
        while ((file.CanSeek ? file.Read(block) : PipeWait.Read(file, block)) is > 0 and var count)
        {
            if (content.Length + count > longest)
                throw FileException.Endless(path, longest);
            content.Write(block, 0, count);
        }

        var bytes = content.ToArray();
        LfsPointer.Refuse(path, bytes, bytes.Length);
        return bytes;
    }

    /// <summary>Reads a text that the user named, as <see cref="ReadText"/>.</summary>
    /// <inheritdoc cref="ReadNamed" path="/exception"/>
    internal static string ReadNamedText(string path, int longest)
    {
        using var reader = new StreamReader(new MemoryStream(ReadNamed(path, longest)));
        return reader.ReadToEnd();
    }

    /// <summary>Refuses anything but a plain file, before it is opened; does nothing if there is nothing.</summary>
    internal static void Require(string path)
    {
        if (KindOf(CurrentFolder, path, flags: 0) is { } kind)
            throw FileException.NotPlain(path, kind);
    }

    private static FileStream OpenShared(string path, int bufferSize, FileShare share) =>
        new(path, FileMode.Open, FileAccess.Read, share, bufferSize);

    /// <summary>Opening a pipe waits for its writer; with O_NONBLOCK it does not, and plain files are not affected.</summary>
    private static FileStream OpenWithoutWaiting(string path, FileShare share)
    {
        if (path.Contains('\0') || Directory.Exists(path))
            return OpenShared(path, 1, share); // throws
        var flags = OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x800 | 0x80000; // O_NONBLOCK | O_CLOEXEC
        var handle = new SafeFileHandle(OpenFile(path, flags), ownsHandle: true);
        if (handle.IsInvalid)
            throw Problem(path, Marshal.GetLastPInvokeError());
        try
        {
            if (KindOf((int)handle.DangerousGetHandle(), "", ItselfNotAPath) is { } kind)
                throw FileException.NotPlain(path, kind);
            // The lock by which .NET knows on Unix that another process has a file for itself.
            if (!share.HasFlag(FileShare.Write) && Lock(handle, ForReaders) != 0
                && Marshal.GetLastPInvokeError() == (OperatingSystem.IsMacOS() ? 35 : 11))
                throw new IOException($"The file '{Path.GetFullPath(path)}' is used by another process.");
            return new FileStream(handle, FileAccess.Read, bufferSize: 1, handle.IsAsync);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static Exception Problem(string path, int error) => error switch
    {
        NoEntry => new FileNotFoundException($"Could not find file '{Path.GetFullPath(path)}'.", path),
        NoFolder => new DirectoryNotFoundException($"Could not find a part of the path '{Path.GetFullPath(path)}'."),
        NoPermission => new UnauthorizedAccessException($"Access to the path '{Path.GetFullPath(path)}' is denied."),
        NoDevice => FileException.NotPlain(path, "a socket or a device"),
        _ => new IOException(string.Create(CultureInfo.InvariantCulture, $"{Marshal.GetPInvokeErrorMessage(error)} : '{Path.GetFullPath(path)}'")),
    };

    /// <summary>What a file is other than plain; null for plain files, folders, and where the system does not say.</summary>
    private static string? KindOf(int folder, string path, int flags)
    {
        if (!OperatingSystem.IsLinux() || path.Contains('\0'))
            return null;
        Span<byte> status = stackalloc byte[256]; // struct statx has the same layout on every processor
        try
        {
            if (GetStatus(folder, path, flags, TypeOnly, ref MemoryMarshal.GetReference(status)) != 0)
                return null;
        }
        catch (EntryPointNotFoundException)
        {
            return null; // an old C library; opening does not wait there either
        }

        return (BitConverter.ToUInt16(status[ModeOffset..]) & 0xF000) switch
        {
            0x1000 => "a pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };
    }

    private const int CurrentFolder = -100;      // AT_FDCWD
    private const int ItselfNotAPath = 0x1000;   // AT_EMPTY_PATH
    private const uint TypeOnly = 1;             // STATX_TYPE
    private const int ModeOffset = 28;           // stx_mode
    private const int NoEntry = 2, NoDevice = 6, NoPermission = 13, NoFolder = 20; // ENOENT, ENXIO, EACCES, ENOTDIR

    private const int ForReaders = 1 | 4; // LOCK_SH | LOCK_NB

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetStatus(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial nint OpenFile(string path, int flags);
}

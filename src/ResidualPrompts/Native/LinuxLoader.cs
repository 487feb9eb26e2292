using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ResidualPrompts.Native;

/// <summary>Loads libtorch and libLibTorchSharp.so by full path, the latter patched in memory when this system needs it.</summary>
internal static class LinuxLoader
{
    private const string Bridge = "libLibTorchSharp.so";

    // Each before those that need it. libtorch_cpu.so finds the libgomp that ships with libtorch in its own folder.
    private static readonly string[] LibTorchFiles = ["libc10.so", "libtorch_cpu.so", "libtorch.so"];

    /// <summary>Loads the libraries from the first folders that have them.</summary>
    /// <param name="folders">The folders to search.</param>
    /// <returns>A report, and the handle of libLibTorchSharp.so.</returns>
    /// <exception cref="NativeLibraryException">A library is missing or damaged, or does not fit this system.</exception>
    internal static (NativeLoadReport Report, nint Handle) Load(IReadOnlyList<string> folders)
    {
        var clock = Stopwatch.StartNew();
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
            throw NativeLibraryException.WrongArchitecture(RuntimeInformation.ProcessArchitecture.ToString());

        string[] paths = [.. LibTorchFiles.Append(Bridge).Select(name => Find(name, folders))];
        foreach (var path in paths)
            ElfFile.CheckComplete(path);
        foreach (var path in paths[..^1])
            LoadLibrary(path);
        var handle = LoadBridge(paths[^1], out var isPatched);

        return (new NativeLoadReport
        {
            IsPatched = isPatched,
            DelaysScalarRelease = ScalarRelease.Delay(handle),
            Folder = Path.GetDirectoryName(paths[0]),
            Files = paths,
            GlibcVersion = LibC.GlibcVersion(),
            LoadMilliseconds = clock.Elapsed.TotalMilliseconds,
        }, handle);
    }

    private static string Find(string name, IReadOnlyList<string> folders) =>
        folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        ?? throw NativeLibraryException.NotFound(name, folders);

    private static void LoadLibrary(string path)
    {
        if (TryLoadLibrary(path, out _) is { } reason)
            throw Refused(path, reason);
    }

    private static nint LoadBridge(string path, out bool isPatched)
    {
        isPatched = false;
        if (TryLoadLibrary(path, out var handle) is not { } reason)
            return handle;
        if (!reason.Contains(ElfVersionPatch.VersionName, StringComparison.Ordinal))
            throw Refused(path, reason);

        isPatched = true;
        return MemoryLibrary.Load(path, ElfVersionPatch.Apply(ElfFile.Read(path), path));
    }

    private static NativeLibraryException Refused(string path, string reason) =>
        NativeLibraryException.Refused(path, reason, LibC.GlibcVersion(), StandardCppLibrary.NewestVersion());

    /// <summary>Loads a library by full path; returns the message of the system's loader when it refuses.</summary>
    internal static string? TryLoadLibrary(string path, out nint handle)
    {
        try
        {
            handle = NativeLibrary.Load(path);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            handle = 0;
            // .NET puts general advice first and the loader's message into the last line.
            return e.Message.TrimEnd().Split('\n')[^1].Trim();
        }
    }
}

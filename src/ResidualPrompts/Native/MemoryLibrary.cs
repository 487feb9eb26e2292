using Microsoft.Win32.SafeHandles;

// A copy of a system library for the loader, in memory or briefly in the temporary folder. It is not a user's file, and Native depends on nothing.
#pragma warning disable RS0030

namespace ResidualPrompts.Native;

/// <summary>Loads a library from bytes. Linux only.</summary>
internal static class MemoryLibrary
{
    /// <summary>
    /// Loads the library from a file in memory; where the kernel or a security module forbids that, from a temporary file that is deleted as soon
    /// as it is loaded.
    /// </summary>
    /// <param name="path">The original path, for messages and the name.</param>
    /// <param name="image">The whole file.</param>
    /// <exception cref="NativeLibraryException">Both ways failed.</exception>
    internal static nint Load(string path, byte[] image)
    {
        if (LoadFromMemoryFile(path, image, out var handle) is not { } memoryProblem)
            return handle;
        if (LoadFromTemporaryFile(path, image, out handle) is not { } fileProblem)
            return handle;
        throw NativeLibraryException.NoPlaceToLoadFrom(path, memoryProblem, fileProblem, Path.GetTempPath());
    }

    internal static string? LoadFromMemoryFile(string path, byte[] image, out nint handle)
    {
        handle = 0;
        try
        {
            var name = Path.GetFileName(path);
            var descriptor = LibC.CreateMemoryFile(name, LibC.CloseOnExec);
            if (descriptor < 0) // vm.memfd_noexec = 2 requires the seal, which does not prevent mapping code
                descriptor = LibC.CreateMemoryFile(name, LibC.CloseOnExec | LibC.NotExecutableSeal);
            if (descriptor < 0)
                return "the kernel gives no memory file";
            using var file = new SafeFileHandle(descriptor, ownsHandle: true);
            RandomAccess.Write(file, image, 0);
            var problem = LinuxLoader.TryLoadLibrary($"/proc/self/fd/{descriptor}", out handle);
            if (problem is null)
                file.SetHandleAsInvalid(); // keep it open: its number is the library's name, and the loader would mistake the next file for this one
            return problem;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return e.Message;
        }
    }

    internal static string? LoadFromTemporaryFile(string path, byte[] image, out nint handle)
    {
        handle = 0;
        string? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("residual-prompts-").FullName; // for this user alone
            var copy = Path.Combine(folder, Path.GetFileName(path));
            File.WriteAllBytes(copy, image);
            return LinuxLoader.TryLoadLibrary(copy, out handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
        finally
        {
            Delete(folder);
        }
    }

    private static void Delete(string? folder)
    {
        try
        {
            if (folder is not null)
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // 2 MB remain in the temporary folder; that must not stop a program that has just loaded its library.
        }
    }
}

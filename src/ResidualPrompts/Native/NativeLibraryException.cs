namespace ResidualPrompts.Native;

/// <summary>A native library is missing or damaged, or does not fit this system or this version of TorchSharp.</summary>
public sealed class NativeLibraryException : Exception
{
    private const string Restore =
        "What to do: build or publish the program again, or copy its output folder again as a whole; if that does not help, delete the packages "
        + "torchsharp and libtorch-cpu-linux-x64 from the NuGet package folder and restore.";

    private NativeLibraryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static NativeLibraryException NotFound(string fileName, IReadOnlyList<string> folders) => new(
        $"The native library {fileName} was not found. Looked in: {(folders.Count == 0 ? "no folder" : string.Join(", ", folders))}. "
        + "The program that runs needs the package libtorch-cpu-linux-x64 (version 2.10.0 for TorchSharp 0.107) beside TorchSharp: "
        + "add the reference to its project, or copy its output folder again as a whole.");

    internal static NativeLibraryException Unreadable(string path, Exception inner) => new(
        $"The native library {path} cannot be read: {inner.Message} Check the permissions of the file and its folder.", inner);

    internal static NativeLibraryException Broken(string path, string problem) => new(
        $"The native library {path} is damaged or incomplete: {problem}. {Restore}");

    internal static NativeLibraryException Refused(string path, string reason, string? glibcVersion, string? newestGlibcxx) => new(
        $"The system cannot load the native library {path}: {reason.TrimEnd('.')}. "
        + "Expected a 64-bit x86 Linux with glibc 2.34 and GLIBCXX_3.4.30 of libstdc++, or newer (Debian 12, Ubuntu 22.04, RHEL 10); "
        + $"found {(glibcVersion is null ? "no glibc (a musl system such as Alpine cannot run libtorch)" : $"glibc {glibcVersion}")} and "
        + $"{newestGlibcxx ?? "no libstdc++"}. Where the system is new enough, the files do not fit together. {Restore}");

    internal static NativeLibraryException WrongArchitecture(string found) => new(
        $"There is no libtorch for Linux on {found}: expected a 64-bit x86 process (linux-x64). Run the program on such a machine.");

    internal static NativeLibraryException NotPatchable(string path, string problem) => new(
        $"The native library {path} does not load on this system because it asks for {ElfVersionPatch.VersionName} of libstdc++, and it is "
        + $"not the library whose reference can be weakened safely: {problem}. Use TorchSharp 0.107.0, or a system with "
        + $"{ElfVersionPatch.VersionName} (GCC 13 or newer: Debian 13, Ubuntu 24.04, RHEL 10).");

    internal static NativeLibraryException NoPlaceToLoadFrom(string path, string memoryProblem, string fileProblem, string temporaryFolder) => new(
        $"The native library {path} was adapted to this system but could not be loaded, neither from memory ({memoryProblem.TrimEnd('.')}) "
        + $"nor from a temporary file in {temporaryFolder} ({fileProblem.TrimEnd('.')}). Set TMPDIR to a folder that can be written and "
        + "is not mounted noexec.");

    internal static NativeLibraryException TorchSharpFailed(Exception inner) => new(
        $"TorchSharp could not start: {inner.GetBaseException().Message.Split('\n')[0].TrimEnd()} {Restore}", inner);

    internal static NativeLibraryException Unforeseen(Exception inner) => new(
        $"Loading libtorch failed for a reason that was not foreseen: {inner.GetType().Name}: {inner.Message}", inner);
}

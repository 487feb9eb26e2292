namespace ResidualPrompts.Native;

/// <summary>Reports how the native libraries were loaded into this process.</summary>
internal sealed class NativeLoadReport
{
    /// <summary>Whether the version reference of <c>libLibTorchSharp.so</c> had to be weakened in memory for this system.</summary>
    public bool IsPatched { get; internal init; }

    /// <summary>
    /// Whether numbers in tensor expressions are safe from the garbage collector (decision record 12); false on systems other than Linux.
    /// </summary>
    public bool DelaysScalarRelease { get; internal init; }

    /// <summary>The folder of libtorch; null when TorchSharp loaded it (not on Linux).</summary>
    public string? Folder { get; internal init; }

    /// <summary>Full paths of the loaded files, in order; empty when TorchSharp loaded them.</summary>
    public IReadOnlyList<string> Files { get; internal init; } = [];

    /// <summary>Milliseconds spent on finding, patching and loading.</summary>
    public double LoadMilliseconds { get; internal init; }

    /// <summary>Version of glibc, for example "2.36"; null on other systems.</summary>
    public string? GlibcVersion { get; internal init; }

    /// <summary>
    /// The newest version that the loaded libstdc++ offers, for example "GLIBCXX_3.4.30"; null when it is unknown and on other systems. Each call
    /// reads that library (2 MB).
    /// </summary>
    public string? NewestGlibcxx => OperatingSystem.IsLinux() && Folder is not null ? StandardCppLibrary.NewestVersion() : null;
}

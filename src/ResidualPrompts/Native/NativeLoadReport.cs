namespace ResidualPrompts.Native;

/// <summary>How the native libraries came into this process.</summary>
public sealed class NativeLoadReport
{
    /// <summary>True when the version reference of <c>libLibTorchSharp.so</c> had to be weakened in memory for this system.</summary>
    public bool IsPatched { get; internal init; }

    /// <summary>
    /// True when numbers in tensor expressions are safe from the garbage collector (decision record 12); false on systems other than Linux.
    /// </summary>
    public bool DelaysScalarRelease { get; internal init; }

    /// <summary>The folder of libtorch; null when TorchSharp did the loading itself (not on Linux).</summary>
    public string? Folder { get; internal init; }

    /// <summary>Full paths of the files that were loaded, in order; empty when TorchSharp did the loading itself.</summary>
    public IReadOnlyList<string> Files { get; internal init; } = [];

    /// <summary>Time that finding, patching and loading took, in milliseconds.</summary>
    public double LoadMilliseconds { get; internal init; }

    /// <summary>Version of glibc, for example "2.36"; null on other systems.</summary>
    public string? GlibcVersion { get; internal init; }

    /// <summary>
    /// The newest version that the loaded libstdc++ offers, for example "GLIBCXX_3.4.30"; null when it cannot be found out and on
    /// other systems. Reads that library at each call (2 MB).
    /// </summary>
    public string? NewestGlibcxx => OperatingSystem.IsLinux() && Folder is not null ? StandardCppLibrary.NewestVersion() : null;
}

using System.Globalization;

namespace ResidualPrompts.Native;

/// <summary>Sets environment values that libtorch reads only while it loads. Linux only.</summary>
internal static class NativeEnvironment
{
    /// <summary>
    /// Iterations that a thread of libgomp spins at a barrier before it sleeps. The default spins for milliseconds: with one other busy process
    /// on the machine, a training step then takes up to 17 times as long; with this value, 2 to 3 times. On a quiet machine it costs up to a
    /// tenth (<c>bench ablation</c>).
    /// </summary>
    private const string SpinCount = "5000";

    private const int OneGibibyte = 1 << 30;

    /// <summary>The upper limit of the threshold in older versions of glibc: mallopt(3), DEFAULT_MMAP_THRESHOLD_MAX.</summary>
    private const int OldMaximum = 32 << 20;

    /// <summary>Sets the thread count, spinning at barriers, and the allocator's thresholds. Values that the user has set stay.</summary>
    internal static void Prepare()
    {
        if (!IsSet("GOMP_SPINCOUNT") && !IsSet("OMP_WAIT_POLICY"))
            Set("GOMP_SPINCOUNT", SpinCount);
        if (!IsSet("OMP_NUM_THREADS"))
            Set("OMP_NUM_THREADS", ComputeThreads.Default.ToString(CultureInfo.InvariantCulture));

        // By default the allocator returns large tensors to the system at once, and must fault in every page again: 5 to 18 % of a step.
        if (!IsSet("MALLOC_MMAP_THRESHOLD_") && LibC.SetAllocatorOption(LibC.MmapThreshold, OneGibibyte) == 0)
            _ = LibC.SetAllocatorOption(LibC.MmapThreshold, OldMaximum);
        if (!IsSet("MALLOC_TRIM_THRESHOLD_"))
            _ = LibC.SetAllocatorOption(LibC.TrimThreshold, int.MaxValue);

        // Every thread but the first would get an arena of 64 MiB, and larger tensors would be mapped anew after all.
        if (!IsSet("MALLOC_ARENA_MAX"))
            _ = LibC.SetAllocatorOption(LibC.ArenaMaximum, 1);
    }

    private static bool IsSet(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));

    // Environment.SetEnvironmentVariable changes only .NET's copy, which native code does not see.
    private static void Set(string name, string value) => LibC.SetEnvironmentVariable(name, value, overwrite: 1);
}

using System.Globalization;

namespace ResidualPrompts.Native;

/// <summary>What must be set in the process before libtorch loads, because it is read only then. Linux only.</summary>
internal static class NativeEnvironment
{
    /// <summary>
    /// Iterations that a thread of libgomp spins at a barrier before it sleeps. The default spins for milliseconds: with one other
    /// busy process on the machine a training step then takes up to 17 times as long; with this 2 to 3 times. On a quiet machine it costs
    /// up to a tenth (<c>bench ablation</c>).
    /// </summary>
    private const string SpinCount = "5000";

    private const int OneGibibyte = 1 << 30;

    /// <summary>The upper limit of the threshold in older versions of glibc: mallopt(3), DEFAULT_MMAP_THRESHOLD_MAX.</summary>
    private const int OldMaximum = 32 << 20;

    /// <summary>Sets thread count, spinning at barriers and the allocator's thresholds; what the user has set stays.</summary>
    internal static void Prepare()
    {
        if (!IsSet("GOMP_SPINCOUNT") && !IsSet("OMP_WAIT_POLICY"))
            Set("GOMP_SPINCOUNT", SpinCount);
        if (!IsSet("OMP_NUM_THREADS"))
            Set("OMP_NUM_THREADS", ComputeThreads.Default.ToString(CultureInfo.InvariantCulture));

        // The allocator gives large tensors back to the system at once and takes every page anew: 5 to 18 % of a step.
        if (!IsSet("MALLOC_MMAP_THRESHOLD_") && LibC.SetAllocatorOption(LibC.MmapThreshold, OneGibibyte) == 0)
            _ = LibC.SetAllocatorOption(LibC.MmapThreshold, OldMaximum);
        if (!IsSet("MALLOC_TRIM_THRESHOLD_"))
            _ = LibC.SetAllocatorOption(LibC.TrimThreshold, int.MaxValue);

        // A thread other than the first gets an arena of 64 MiB, and every larger tensor is mapped anew after all.
        if (!IsSet("MALLOC_ARENA_MAX"))
            _ = LibC.SetAllocatorOption(LibC.ArenaMaximum, 1);
    }

    private static bool IsSet(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));

    // Environment.SetEnvironmentVariable changes the copy of .NET alone and does not reach native code.
    private static void Set(string name, string value) => LibC.SetEnvironmentVariable(name, value, overwrite: 1);
}

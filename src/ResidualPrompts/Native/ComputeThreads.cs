using TorchSharp;

namespace ResidualPrompts.Native;

/// <summary>
/// Number of threads that compute one tensor operation. Unless it is set, the number is that of the environment variable OMP_NUM_THREADS, else
/// <see cref="Default"/>.
/// </summary>
public static class ComputeThreads
{
    /// <summary>The largest number of threads that <see cref="Set"/> takes.</summary>
    public const int Maximum = 256;

    private static readonly Lazy<int> DefaultCount = new(() => OperatingSystem.IsLinux() ? LinuxProcessors.Usable() : Environment.ProcessorCount);

    /// <summary>
    /// The physical cores that this process may use, limited by the processor time of its control group (rounded up). Two threads of one core
    /// share its multipliers and only slow each other down.
    /// </summary>
    public static int Default => Math.Clamp(DefaultCount.Value, 1, Maximum);

    /// <summary>The number in force on the calling thread.</summary>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static int Current
    {
        get
        {
            LibTorch.EnsureLoaded();
            return torch.get_num_threads();
        }
    }

    /// <summary>
    /// Sets the number for the calling thread and for every thread that has not computed with tensors yet. Call it before work starts.
    /// </summary>
    /// <param name="count">Number of threads, 1 to <see cref="Maximum"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside the range.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static void Set(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Maximum);
        LibTorch.EnsureLoaded();
        torch.set_num_threads(count);
    }
}

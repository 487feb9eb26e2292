using System.Diagnostics;
using ResidualPrompts.Native;
using TorchSharp;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The machine's rate of matrix multiplication, the operation that takes nearly all the time of a training step.</summary>
public static class RawGemm
{
    // The first feed-forward layer of T5-base for a batch of 8 examples with 266 rows.
    private const int Rows = 2128;
    private const int Inputs = 768;
    private const int Outputs = 3072;
    private const int MinProducts = 3;

    /// <summary>
    /// Measures 32-bit matrix products [2128, 768] · [3072, 768]ᵀ with <see cref="ComputeThreads.Current"/> threads and returns the
    /// median. The first products allocate memory and start threads; they do not count.
    /// </summary>
    /// <param name="seconds">Duration of the measurement in seconds, 0 to 60; at least three products are measured.</param>
    /// <returns>The rate in 10⁹ floating-point operations per second (a multiplication and an addition are two).</returns>
    /// <exception cref="ArgumentOutOfRangeException">The duration is not between 0 and 60.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public static double MeasureGflops(double seconds = 1)
    {
        if (!(seconds is >= 0 and <= 60))
            throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "Expected 0 to 60 seconds.");
        LibTorch.EnsureLoaded();

        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        // Constants, to leave the random number generator of a run unchanged; the time does not depend on the values.
        var rows = torch.full([Rows, Inputs], 0.5f);
        var weight = torch.full([Outputs, Inputs], 0.25f);
        _ = SecondsOfOneProduct(rows, weight);
        _ = SecondsOfOneProduct(rows, weight);

        var times = new List<double>();
        var begin = Stopwatch.GetTimestamp();
        while (times.Count < MinProducts || Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
            times.Add(SecondsOfOneProduct(rows, weight));
        times.Sort();
        return 2.0 * Rows * Inputs * Outputs / times[times.Count / 2] / 1e9;
    }

    private static double SecondsOfOneProduct(torch.Tensor rows, torch.Tensor weight)
    {
        var begin = Stopwatch.GetTimestamp();
        using var product = torch.nn.functional.linear(rows, weight);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}

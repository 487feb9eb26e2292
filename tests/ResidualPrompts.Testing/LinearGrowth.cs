using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ResidualPrompts.Testing;

/// <summary>
/// Shows that work grows as its input does, by ratios of processor time and never by seconds: a quarter of the input must take about a quarter of the
/// work, on a machine of any speed and with any load.
/// </summary>
public static class LinearGrowth
{
    private const int Step = 4;
    private const double MostGrowth = 1.75 * Step; // quadratic work grows by the square of the step, 16
    private const int MostAttempts = 8;
    private const int ThreadProcessorTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    /// <summary>Fails when an input of four times the length takes much more than four times the work.</summary>
    /// <param name="work">Makes the input of a length, and gives what is measured; all of it on the calling thread.</param>
    /// <param name="longest">The longest input; a sixteenth comes first, so that quadratic work is noticed before it takes minutes.</param>
    public static void ShouldBeLinear(Func<int, Action> work, int longest)
    {
        ArgumentNullException.ThrowIfNull(work);
        work(longest / (Step * Step))(); // compiled and loaded
        for (var length = longest / Step; length <= longest; length *= Step)
        {
            var (part, whole) = (work(length / Step), work(length));
            var (leastPart, leastWhole) = (double.MaxValue, double.MaxValue);
            for (var attempt = 0; attempt == 0 || (leastWhole > MostGrowth * leastPart && attempt < MostAttempts); attempt++)
            {
                for (var i = 0; i < Step; i++)
                    leastPart = Math.Min(leastPart, Measure(part));
                leastWhole = Math.Min(leastWhole, Measure(whole));
            }

            (leastWhole / leastPart).Should().BeLessThan(MostGrowth, $"{length} takes {Step} times the work of {length / Step} when it is linear");
        }
    }

    private static double Measure(Action work)
    {
        var start = ProcessorTime();
        work();
        return Math.Max(1, ProcessorTime() - start);
    }

    /// <summary>
    /// Of this thread in nanoseconds, which others that compute at the same time hardly change; elsewhere than on Linux the time that has passed.
    /// </summary>
    private static double ProcessorTime() => OperatingSystem.IsLinux() && ReadClock(ThreadProcessorTime, out var time) == 0
        ? (1e9 * time.Seconds) + time.Nanoseconds
        : Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ReadClock(int clock, out Time time);

    private struct Time
    {
        internal nint Seconds;
        internal nint Nanoseconds;
    }
}

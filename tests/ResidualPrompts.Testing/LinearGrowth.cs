using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ResidualPrompts.Testing;

/// <summary>
/// Shows that work grows as its input does, by ratios of processor time and never by seconds: the whole input must take about the work of four
/// quarters, on a machine of any speed and with any load. The quarters are measured as one, so that whatever else goes on, and what the garbage
/// collector does for so many bytes, meets both alike.
/// </summary>
public static class LinearGrowth
{
    private const int Step = 4;
    private const double MostRatio = 1.75; // of linear work it is 1, of quadratic work 4
    private const int MostAttempts = 16;
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
            var (leastParts, leastWhole) = (double.MaxValue, double.MaxValue);
            for (var attempt = 0; attempt == 0 || (leastWhole > MostRatio * leastParts && attempt < MostAttempts); attempt++)
            {
                leastParts = Math.Min(leastParts, Measure(part, Step));
                leastWhole = Math.Min(leastWhole, Measure(whole, 1));
            }

            (leastWhole / leastParts).Should().BeLessThan(MostRatio, $"{length} takes the work of {Step} times {length / Step} when it is linear");
        }
    }

    private static double Measure(Action work, int count)
    {
        var start = ProcessorTime();
        for (var i = 0; i < count; i++)
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

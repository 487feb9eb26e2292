using System.Globalization;

namespace ResidualPrompts.Testing;

/// <summary>
/// Disturbs a piece of work at its operations on the disk, one after another, and has it continued: once the process dies there, once the disk is
/// full there. The suite tries some of the operations; <c>eng/kill-points</c> tries all, by a variable that names the file to which counts are
/// appended.
/// </summary>
internal static class KillPoints
{
    private const string Variable = "RESIDUAL_PROMPTS_KILL_POINTS";
    private static readonly Lock Report = new();

    /// <summary>Tries them.</summary>
    /// <param name="name">What is disturbed.</param>
    /// <param name="step">The suite disturbs each of so many operations.</param>
    /// <param name="start">Puts everything to where the work begins.</param>
    /// <param name="work">The work; told whether it is a continuation. Throws whatever it fails with.</param>
    /// <param name="check">Whether all is as without a disturbance.</param>
    /// <param name="between">What must hold between the disturbance and the continuation; null = nothing.</param>
    internal static void Try(string name, int step, Action start, Action<bool> work, Action<string> check, Action<string>? between = null)
    {
        start();
        var whole = new FaultyDisk();
        whole.Run(() => work(false)).Should().BeNull();
        check("without a disturbance");
        var report = Environment.GetEnvironmentVariable(Variable);
        var counts = new Dictionary<DiskFault, int>();
        var tolerated = 0;
        foreach (var fault in Enum.GetValues<DiskFault>())
        {
            for (var n = report is null && fault == DiskFault.Fails ? 1 + (step / 2) : 1; n <= whole.Count; n += report is null ? step : 1)
            {
                var when = $"operation {n} of {whole.Count} {fault}";
                start();
                var disk = new FaultyDisk(n, fault);
                var problem = disk.Run(() => work(false));
                if (!disk.HasStruck)
                {
                    // What comes from a network is written in as many pieces as it arrives in.
                    n.Should().BeGreaterThan(whole.Count * 9 / 10, $"{when}: the work has about as many operations each time");
                    problem.Should().BeNull(when);
                    check(when);
                    continue;
                }

                if (fault == DiskFault.Kills)
                    problem.Should().NotBeNull($"{when} and nothing after it happens");
                else if (problem is null)
                    Tolerated(check, when, ref tolerated);
                between?.Invoke(when);
                new FaultyDisk(1 + (n * 7 % whole.Count), fault).Run(() => work(true)); // which may be disturbed as well
                new FaultyDisk().Run(() => work(true)).Should().BeNull(when);
                check(when);
                counts[fault] = counts.GetValueOrDefault(fault) + 1;
            }
        }

        counts.Values.Should().OnlyContain(count => count > 0);
        if (report is null)
            return;
        lock (Report)
            File.AppendAllText(report, string.Create(CultureInfo.InvariantCulture, $"{name}: killed at {counts[DiskFault.Kills]}, full at "
                + $"{counts[DiskFault.Fails]} of {whole.Count} operations ({tolerated} made no difference), each continued to the same bytes\n"));
    }

    /// <summary>A failure that the work says it can do without, as of a cache, has changed nothing.</summary>
    private static void Tolerated(Action<string> check, string when, ref int tolerated)
    {
        check($"{when}, and the work says that it is done");
        tolerated++;
    }
}

namespace ResidualPrompts.Tests.Files;

/// <summary>
/// Kills a piece of work at its operations on the disk, one after another, and has it continued. The suite tries some of them;
/// <c>eng/kill-points</c> tries all, by a variable that names the file to which counts are appended.
/// </summary>
internal static class KillPoints
{
    private const string Variable = "RESIDUAL_PROMPTS_KILL_POINTS";

    /// <summary>Tries them.</summary>
    /// <param name="name">What is killed.</param>
    /// <param name="step">The suite kills at each of so many operations.</param>
    /// <param name="start">Puts everything to where the work begins.</param>
    /// <param name="work">The work; told whether it is a continuation.</param>
    /// <param name="check">Whether all is as without a kill.</param>
    internal static void Try(string name, int step, Action start, Action<bool> work, Action<string> check)
    {
        start();
        var whole = new FaultyDisk();
        whole.Run(() => work(false)).Should().BeNull();
        check("without a kill");
        var report = Environment.GetEnvironmentVariable(Variable);
        var count = 0;
        for (var n = 1; n <= whole.Count; n += report is null ? step : 1)
        {
            start();
            new FaultyDisk(n).Run(() => work(false)).Should().BeOfType<KilledException>($"operation {n} of {whole.Count} does not happen");
            new FaultyDisk(1 + (n * 7 % whole.Count)).Run(() => work(true)); // which may be killed as well
            new FaultyDisk().Run(() => work(true)).Should().BeNull();
            check($"killed at operation {n} of {whole.Count}");
            count++;
        }

        count.Should().BeGreaterThan(5);
        if (report is not null)
            File.AppendAllText(report, $"{name}: killed at {count} of {whole.Count} operations, each continued to the same bytes\n");
    }
}

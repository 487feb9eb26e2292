using System.Globalization;
using ResidualPrompts.Native;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Sweeping;

/// <summary>
/// Sweeps whose controller, runs or both are killed at random, and which are started again until they are done. The suite tries one of four runs;
/// <c>eng/kill-sweeps</c> tries 30 of twelve.
/// </summary>
public sealed class KilledSweepTests
{
    [Fact]
    public async Task A_killed_sweep_ends_with_the_bytes_of_an_undisturbed_one_and_each_run_is_trained_once()
    {
        var full = int.TryParse(Environment.GetEnvironmentVariable("RESIDUAL_PROMPTS_KILLED_SWEEPS"), CultureInfo.InvariantCulture, out var count);
        var runs = full ? 12 : 4;
        using var whole = new SweepFolder(runs);
        (await Program.Run("sweep", "run", whole.File, "--jobs", "2")).ShouldSucceed();
        var (seed, kills) = (20261201, 0);
        for (var n = 0; n < (full ? count : 1); n++)
        {
            using var sweep = new SweepFolder(runs);
            kills += await Disturb(sweep, new Random(seed + n), most: full ? 15 : 6);
            sweep.ShouldBeAs(whole);
        }

        kills.Should().BePositive();
        if (full)
            Console.WriteLine($"{count} sweeps of {runs} runs, {kills} kills");
    }

    /// <summary>Kills until it is enough, and starts again until all is done.</summary>
    private static async Task<int> Disturb(SweepFolder sweep, Random random, int most)
    {
        for (var kills = 0; ;)
        {
            using var controller = Program.Process.Start("sweep", "run", sweep.File, "--jobs", "2");
            var ended = ProgramProcess.Finish(controller);
            while (kills < most && await Task.WhenAny(ended, Task.Delay(random.Next(200, 2500), TestContext.Current.CancellationToken)) != ended)
            {
                kills++;
                var target = random.Next(3);
                if (target > 0)
                {
                    foreach (var process in Children(sweep).Take(target))
                        ProgramProcess.Send("KILL", process);
                }

                if (target != 1)
                    controller.Kill();
                if (target != 1)
                    break;
            }

            var result = await ended;
            if (result.ExitCode == 0)
                return kills;
            result.ExitCode.Should().BeOneOf([1, 137], result.Error);
        }
    }

    private static IEnumerable<int> Children(SweepFolder sweep) => sweep.Directories().Select(run => LockFile.Read(run.Lock)?.Holder?.Process)
        .OfType<ProcessIdentity>().Where(process => process.Runs && process != ProcessIdentity.Current).Select(process => process.Id);
}

using ResidualPrompts.Runs;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Sweeping;

/// <summary>Sweeps with halving: three settings of two seeds, one of which is trained on.</summary>
public sealed class HalvingTests : IDisposable
{
    private readonly List<SweepFolder> _folders = [];

    public void Dispose() => _folders.ForEach(folder => folder.Dispose());

    [Fact]
    public async Task Runs_at_a_rung_are_those_of_the_full_grid_at_that_epoch_and_can_be_promoted_later()
    {
        var halved = Folder(Halving);
        (await Run(halved)).ShouldSucceed().Error.Should().Contain("4 paused").And.Contain("2 finished");
        var (one, two, three) = (Folder(Grid, 1), Folder(Grid, 2), Folder(Grid, 3));
        foreach (var grid in new[] { one, two, three })
            (await Run(grid)).ShouldSucceed();
        var lengths = halved.States().Select(state => state.Step).ToArray();
        lengths.Count(length => length == 10).Should().Be(4);
        lengths.Count(length => length == 20).Should().Be(2);
        Check(halved, (10, one), (20, two));

        // The best setting by the mean of its seeds, as the grid says.
        var means = one.Directories().Select((run, i) => (Setting: i / 2, Value: RunRecord.Read(run).Result!.Validation!["accuracy"]!.Value))
            .GroupBy(run => run.Setting).Select(setting => setting.Average(run => run.Value)).ToList();
        var best = means.IndexOf(means.Max());
        lengths.Index().Where(run => run.Item == 20).Select(run => run.Index / 2).Should().Equal(best, best);

        (await Run(halved)).ShouldSucceed().Error.Should().NotContain("begins");
        (await Run(halved, "--rungs", "1,2,3")).ShouldSucceed();
        Check(halved, (10, one), (30, three));
        halved.Change("[1, 2]", "[1, 2, 3]");
        (await InProcess.Run("sweep", "finish", halved.File)).ShouldSucceed().Output.Should().Be("Deleted the checkpoints of 4 runs.\n");
        halved.Directories().Count(run => File.Exists(run.Checkpoint)).Should().Be(2);
    }

    [Fact]
    public async Task A_killed_sweep_promotes_the_same_runs()
    {
        var (halved, whole) = (Folder(Halving), Folder(Halving));
        (await Run(whole)).ShouldSucceed();
        for (var kills = 0; kills < 4; kills++)
        {
            using var controller = Program.Process.Start("sweep", "run", halved.File, "--jobs", "2");
            var ended = ProgramProcess.Finish(controller);
            await Task.WhenAny(ended, Task.Delay(700 * (kills + 1), TestContext.Current.CancellationToken));
            controller.Kill();
            await ended;
        }

        (await Run(halved)).ShouldSucceed();
        Check(halved, (10, whole), (20, whole));
    }

    private const string Halving = """, "axes": { "learning_rate": [0.001, 0.3, 3] }, "halving": { "rungs": [1, 2], "keep": 0.3 }""";

    private const string Grid = """, "axes": { "learning_rate": [0.001, 0.3, 3] }""";

    /// <summary>Runs of a length have prompt, metrics and predictions of another sweep's runs of the same names.</summary>
    private static void Check(SweepFolder sweep, params (long Steps, SweepFolder Whole)[] lengths)
    {
        foreach (var (run, state) in sweep.Directories().Zip(sweep.States()))
        {
            var whole = lengths.Single(length => length.Steps == state.Step).Whole;
            var other = new RunDirectory(run.Path.Replace(sweep.Runs, whole.Runs, StringComparison.Ordinal));
            File.ReadAllBytes(run.Prompt).Should().Equal(File.ReadAllBytes(other.Prompt), run.Path);
            File.ReadAllBytes(run.Predictions("validation")).Should().Equal(File.ReadAllBytes(other.Predictions("validation")), run.Path);
            RunRecord.Read(run).Result!.Validation!.Metrics.Should().Equal(RunRecord.Read(other).Result!.Validation!.Metrics);
        }
    }

    private static Task<ProgramResult> Run(SweepFolder folder, params string[] options) =>
        Program.Run(["sweep", "run", folder.File, "--jobs", "2", .. options]);

    private SweepFolder Folder(string top, int? epochs = null)
    {
        _folders.Add(new SweepFolder(2, top: top));
        _folders[^1].Change("\"epochs\": 2,", epochs is null ? "" : $"\"epochs\": {epochs},"); // else the rungs say how long
        return _folders[^1];
    }
}

using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

public sealed class WatchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_is_shown_from_its_files_alone()
    {
        var trained = await InProcess.Run(
            "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path, "--save-name",
                "run", "--epochs", "2", "--learning-rate", "0.01");
        trained.ExitCode.Should().Be(0, trained.Error);
        var run = _folder.File("run");
        var watched = await InProcess.Run("watch", run);
        watched.ExitCode.Should().Be(0, watched.Error);
        watched.Output.Should().Contain("finished, step").And.Contain("learning_rate 0.01").And.MatchRegex(@"loss +\d\.\d{4} +[▁▂▃▄▅▆▇█]+")
            .And.Contain("validation accuracy").And.Contain("released: best");

        // as a killed process leaves it: the record says running, nobody holds the lock, the last line is cut
        await File.WriteAllTextAsync(Path.Combine(run, "run.json"), (await File.ReadAllTextAsync(Path.Combine(run, "run.json"), Stop))
            .Replace("\"finished\"", "\"running\""), Stop);
        var events = await File.ReadAllTextAsync(Path.Combine(run, "events.jsonl"), Stop);
        await File.WriteAllTextAsync(Path.Combine(run, "events.jsonl"), events[..^20], Stop);
        (await InProcess.Run("watch", run)).Output.Should().Contain("ended unexpectedly, continue with --resume");

        await File.WriteAllTextAsync(Path.Combine(run, "events.jsonl"), "what is this\n" + events, Stop);
        (await InProcess.Run("watch", run)).ShouldBeRefused("*events.jsonl is damaged*");
        File.Delete(Path.Combine(run, "events.jsonl"));
        (await InProcess.Run("watch", run)).Output.Should().Contain("step 0 of");
        (await InProcess.Run("watch", _folder.File("nowhere"))).ShouldBeRefused("*nowhere' is not a run directory*");
    }

    [Fact]
    public void A_line_of_blocks_goes_from_the_lowest_to_the_highest_value()
    {
        RunView.Line([0, 1, 2, 3, 4, 5, 6, 7], 8).Should().Be("▁▂▃▄▅▆▇█");
        RunView.Line([4, 4, 0, 0], 2).Should().Be("█▁");
        RunView.Line([3], 10).Should().Be("▁");
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}

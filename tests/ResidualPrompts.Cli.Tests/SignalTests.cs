using System.Diagnostics;
using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// How real processes end: by signals while they compute, by an exception that nobody catches, and with streams that cannot be written.
/// </summary>
public sealed class SignalTests : IDisposable
{
    private const string Serving = "Serving ";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM TERM")]
    [InlineData("INT INT")]
    [InlineData("TERM INT")]
    [InlineData("HUP TERM")]
    [InlineData("QUIT")]
    public async Task Two_signals_at_once_stop_a_run_once_and_with_a_checkpoint(string signals)
    {
        using var process = StartTraining();
        var finish = ProgramProcess.Finish(process);
        await UntilItTrains();
        ProgramProcess.SendAll(signals, process.Id);
        var ended = await finish;
        ended.ExitCode.Should().Be(130, ended.Error);
        ended.Error.Should().Contain("Stopped with a checkpoint.");
        Status().Should().Be("interrupted");
        TinyRun.Losses(_folder.File("run")).Should().NotBeEmpty();
        new FileInfo(_folder.File("run", "checkpoint", "state.safetensors")).Length.Should().BePositive();
    }

    /// <summary>The run can be at any point of its computation.</summary>
    [Fact]
    public async Task A_third_signal_ends_a_run_at_once_without_a_fault()
    {
        using var process = StartTraining();
        var finish = ProgramProcess.Finish(process);
        await UntilItTrains();
        ProgramProcess.SendAll("TERM INT TERM", process.Id);
        var ended = await finish;
        ended.ExitCode.Should().Be(130, ended.Error);
        ended.Error.Should().ContainAny("Ended at once by SIG", "Stopped with a checkpoint.");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("INT INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("TERM TERM", 143)]
    [InlineData("HUP HUP", 129)]
    [InlineData("QUIT TERM", 131, 143)] // which of the two is handled first is the runtime's choice
    public async Task A_command_that_cannot_stop_in_order_ends_at_once_while_it_computes(string signals, params int[] exitCodes)
    {
        using var process = Program.Process.With("OMP_NUM_THREADS", "2").Start("score", "--model", "t5-nano", "--labels", "negative,positive");
        var finish = ProgramProcess.Finish(process);
        var feeding = FeedAsync(process.StandardInput);
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        ProgramProcess.SendAll(signals, process.Id);
        var ended = await finish;
        await feeding;
        exitCodes.Should().Contain(ended.ExitCode);
        ended.Error.Should().Be($"Ended at once by SIG{signals.Split(' ')[Array.IndexOf(exitCodes, ended.ExitCode)]}.\n");
        (ended.Output.Length == 0 || ended.Output.EndsWith('\n')).Should().BeTrue("no line is cut");
    }

    /// <summary>Writes rows, more than are scored before a signal, until the program no longer reads.</summary>
    private static async Task FeedAsync(StreamWriter input)
    {
        try
        {
            for (var i = 0; i < 50_000; i++)
                await input.WriteLineAsync("{\"text\":\"a warm , funny and beautifully acted film of two brothers .\"}");
        }
        catch (IOException)
        {
            return; // the program has ended
        }
    }

    [Theory]
    [InlineData("TERM", 0)]
    [InlineData("TERM TERM", 0)]
    [InlineData("INT INT", 130)]
    [InlineData("INT TERM", 130, 0)] // which of the two is handled first is the runtime's choice
    [InlineData("HUP", 0)]
    [InlineData("QUIT", 0)]
    public async Task A_server_that_is_asked_to_stop_by_any_signals_stops_once_and_says_so(string signals, params int[] exitCodes)
    {
        using var process = Program.Process.Start("serve", "--model", "t5-nano", "--port", "0");
        (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken)).Should().StartWith(Serving);
        ProgramProcess.SendAll(signals, process.Id);
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        exitCodes.Should().Contain(process.ExitCode, error);
        error.Should().Contain("Stopping after the accepted requests are answered.").And.EndWith("Stopped.\n");
    }

    [Fact]
    public async Task A_thread_that_fails_ends_the_process_with_a_message_and_not_with_a_core()
    {
        var hooked = Program.Process.With(StartupHook.Variable, typeof(StartupHook).Assembly.Location);
        using var process = hooked.Start("serve", "--model", "t5-nano", "--port", "0");
        var ended = await ProgramProcess.Finish(process);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().EndWith("error: a thread failed (unexpected InvalidOperationException; --verbose shows where)\n");
    }

    [Theory]
    [InlineData("2>/dev/full", 2)]
    [InlineData("2>&-", 2)]
    [InlineData(">/dev/full 2>/dev/full", 2)]
    public async Task A_message_that_cannot_be_written_does_not_change_the_exit_code(string redirection, int exitCode) =>
        (await Shell($"\"$0\" score --bogus {redirection}")).ExitCode.Should().Be(exitCode);

    [Fact]
    public async Task A_closed_standard_output_is_said_and_nothing_is_written_to_what_has_its_number()
    {
        var score = await Shell("echo '{\"text\":\"a\"}' | \"$0\" score --model t5-nano --labels a,b >&-");
        score.ExitCode.Should().Be(2);
        score.Error.Should().StartWith("error: Standard output is closed");
        var run = await Shell($"\"$0\" {string.Join(' ', Training("1"))} >&-");
        run.ExitCode.Should().Be(0, run.Error);
        TinyRun.Events(_folder.File("run")).Should().NotBeEmpty(); // every line is JSON
        Status().Should().Be("finished");
    }

    /// <summary>The script does the same for an hour.</summary>
    [Fact]
    public async Task Starts_and_ends_under_load_have_the_right_exit_codes_and_leave_no_core()
    {
        var script = new ProgramProcess(Path.Combine(Snapshot.Repository(), "eng", "exits"))
        {
            Environment = new Dictionary<string, string?> { ["RESIDUAL_PROMPTS"] = Program.Process.Path },
        };
        var ended = await script.Run("8", "5");
        ended.ExitCode.Should().Be(0, ended.Output + ended.Error);
        ended.Output.Should().Contain("core files: 0");
        ended.Output.Split('\n').Where(line => line.Contains("good")).Sum(line => int.Parse(line.TrimStart().Split(' ')[0])).Should().Be(8 + 5);
    }

    private static Task<ProgramResult> Shell(string command) => new ProgramProcess("/bin/sh")
    {
        Environment = new Dictionary<string, string?> { ["HF_HUB_OFFLINE"] = "1" },
    }.Run("-c", command, Program.Process.Path);

    private string[] Training(string epochs) =>
    [
        "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path,
        "--epochs", epochs, "--save-name", "run",
    ];

    private Process StartTraining(params string[] more) =>
        Program.Process.With("OMP_NUM_THREADS", "2").Start([.. Training("100000"), .. more]);

    private async Task UntilItTrains()
    {
        var events = new FileInfo(_folder.File("run", "events.jsonl"));
        for (var i = 0; i < 3000 && !(events.Exists && events.Length > 0); i++, events.Refresh())
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    private string Status()
    {
        using var record = JsonDocument.Parse(File.ReadAllBytes(_folder.File("run", "run.json")));
        return record.RootElement.GetProperty("status").GetString()!;
    }
}

using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Real processes that are asked to stop while they wait: for a pipe's writer, for its next bytes, for a reader.</summary>
public sealed class WaitingTests : IDisposable
{
    private const string InThePipe = "wait_for_partner"; // what the kernel calls it

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("TERM", 130, "train --data PIPE --template {text} --label-words 0=a,1=b --model t5-nano --save-name x")]
    [InlineData("INT", 130, "train --data PIPE --template {text} --label-words 0=a,1=b --model t5-nano --save-name x")]
    [InlineData("INT", 130, "train --config PIPE")]
    [InlineData("TERM", 143, "train --config PIPE")]
    [InlineData("TERM", 143, "data check PIPE")]
    [InlineData("INT", 130, "score --model t5-nano --labels a,b --input PIPE")]
    [InlineData("TERM", 143, "tokenize --model t5-nano --input PIPE")]
    [InlineData("TERM", 143, "tasks score subj --data PIPE --predictions PIPE")]
    [InlineData("INT", 130, "serve --model t5-nano --port 0 --api-keys PIPE")]
    public async Task A_command_that_waits_for_the_writer_of_a_pipe_obeys_the_first_signal(string signal, int exitCode, string command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Others do not tell what a process waits for.");
        var pipe = _folder.File("pipe.jsonl");
        SpecialFile.MakePipe(pipe);
        // The debugger's own pipes would be waited for as well.
        using var process = Program.Process.In(_folder.Path).With("DOTNET_EnableDiagnostics", "0").Start(
            [.. command.Split(' ').Select(word => word == "PIPE" ? pipe : word)]);
        var finish = ProgramProcess.Finish(process);
        await Until(process, () => Waits(process.Id));
        ProgramProcess.Send(signal, process.Id);
        var ended = await finish;
        ended.ExitCode.Should().Be(exitCode, ended.Error);
        ended.Error.Split('\n').Should().ContainSingle(line => line.StartsWith("Ended at once by", StringComparison.Ordinal)
            || line == "Stopped while it waited for its input.");
        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(pipe);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_training_whose_writer_is_silent_obeys_the_first_signal(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var pipe = _folder.File("pipe.jsonl");
        SpecialFile.MakePipe(pipe);
        using var process = Program.Process.In(_folder.Path).Start(
            "train", "--data", pipe, "--template", "{text}", "--label-words", "0=a,1=b", "--model", "t5-nano", "--save-name", "x");
        var finish = ProgramProcess.Finish(process);
        await using (var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write), TestContext.Current.CancellationToken))
        {
            writer.Write("{\"text\":\"a\",\"label\":\"0\"}\n"u8);
            writer.Flush();
            ProgramProcess.Send(signal, process.Id); // its handler was there before it opened the pipe
            var ended = await finish;
            ended.ExitCode.Should().Be(130, ended.Error);
            ended.Error.Should().EndWith("Stopped while it waited for its input.\n");
        }

        Directory.GetFileSystemEntries(_folder.Path).Should().Equal(pipe);
    }

    /// <summary>The run cannot stop in order, because nobody reads what it shows.</summary>
    [Theory]
    [InlineData("TERM", "TERM")]
    [InlineData("INT", "INT")]
    public async Task A_second_signal_after_a_while_ends_a_run_that_does_not_stop_and_it_can_be_resumed(string first, string second)
    {
        string[] options =
        [
            "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder, train: 8, validation: 2), "--save-dir",
            _folder.Path, "--save-name", "run", "--epochs", "100000", "--prompt-length", "2", "--batch-size", "8", "--evaluate-every", "1",
        ];
        using (var process = Program.Process.Start(options))
        {
            await UntilItIsStuck(process);
            ProgramProcess.Send(first, process.Id);
            await Task.Delay(SignalCount.OneRequest + TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            process.HasExited.Should().BeFalse("it is stuck");
            ProgramProcess.Send(second, process.Id);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.Should().Be(130);
        }

        Status().Should().Be("running", "nobody could write another");
        var losses = TinyRun.Losses(_folder.File("run"));
        using (var process = Program.Process.Start([.. options, "--resume"]))
        {
            var finish = ProgramProcess.Finish(process);
            await Until(process, () => TinyRun.Losses(_folder.File("run")).Length > losses.Length);
            ProgramProcess.Send("TERM", process.Id);
            var ended = await finish;
            ended.ExitCode.Should().Be(130, ended.Error);
            ended.Error.Should().Contain("Stopped with a checkpoint.");
        }

        Status().Should().Be("interrupted");
        TinyRun.Losses(_folder.File("run"))[..losses.Length].Should().Equal(losses);
    }

    private static async Task Until(Process process, Func<bool> isSo)
    {
        while (!process.HasExited && !isSo())
            await Task.Delay(50, TestContext.Current.CancellationToken);
    }

    /// <summary>Its log has grown and does not grow any more.</summary>
    private async Task UntilItIsStuck(Process process)
    {
        var (length, same) = (0L, 0);
        await Until(process, () =>
        {
            var events = new FileInfo(_folder.File("run", "events.jsonl"));
            var now = events.Exists ? events.Length : 0;
            same = now > 0 && now == length ? same + 1 : 0;
            length = now;
            return same == 60;
        });
    }

    private static bool Waits(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task").Any(thread => File.ReadAllText(Path.Combine(thread, "wchan")) == InThePipe);
        }
        catch (IOException)
        {
            return false; // a thread has just ended
        }
    }

    private string Status() => JsonNode.Parse(File.ReadAllBytes(_folder.File("run", "run.json")))!["status"]!.GetValue<string>();
}

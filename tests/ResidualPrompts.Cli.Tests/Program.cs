using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace ResidualPrompts.Cli.Tests;

/// <summary>What a run of the program gave.</summary>
internal sealed record Result(int ExitCode, string Output, string Error)
{
    /// <summary>Lines of standard output without the last line break.</summary>
    internal string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Asserts that the input was refused: exit code 2, nothing on standard output, one message without a stack trace.</summary>
    internal void ShouldBeRefused(string message)
    {
        Error.Should().Match($"error: {message}");
        ExitCode.Should().Be(2);
        Output.Should().BeEmpty();
        Error.Should().NotContain("   at ").And.NotContain("Exception");
        Error.Split("error:").Length.Should().Be(2);
    }
}

/// <summary>Runs the real program in a process of its own.</summary>
internal static class Program
{
    private const string Threads = "OMP_NUM_THREADS"; // one: several tests run at once, and tiny models spend a third of their time waiting for a second thread

    internal static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "residual-prompts.exe" : "residual-prompts");

    internal static Task<Result> Run(params string[] arguments) => RunWith([], arguments);

    internal static Task<Result> RunWith(string input, params string[] arguments) => RunWith(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs the program, sends it a signal after a while, and gives its exit code (137 when it was killed).</summary>
    internal static async Task<int> RunAndSignal(string signal, TimeSpan after, params string[] arguments)
    {
        // A test run in the background may have been told to ignore Ctrl-C, which children inherit.
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT", Path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [Threads] = "1" },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await Task.WhenAny(process.WaitForExitAsync(TestContext.Current.CancellationToken), Task.Delay(after, TestContext.Current.CancellationToken));
        Send(signal, process.Id);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _ = await output;
        _ = await error;
        return process.ExitCode;
    }

    /// <summary>Sends a signal to the process that holds a run.</summary>
    internal static void Signal(string run, string signal)
    {
        using var record = JsonDocument.Parse(File.ReadAllBytes(System.IO.Path.Combine(run, "run.json")));
        Send(signal, record.RootElement.GetProperty("environment").GetProperty("process_id").GetInt32());
    }

    private static void Send(string signal, int processId) => Process.Start("/bin/kill", ["-s", signal, $"{processId}"]).WaitForExit();

    internal static Task<Result> RunWith(byte[] input, params string[] arguments) => RunIn(System.IO.Path.GetTempPath(), input, arguments);

    internal static Task<Result> RunIn(string folder, params string[] arguments) => RunIn(folder, [], arguments);

    /// <summary>Runs the program with an environment variable.</summary>
    internal static Task<Result> RunUnder((string Name, string Value) variable, params string[] arguments) => RunIn(System.IO.Path.GetTempPath(), [], arguments, variable);

    private static async Task<Result> RunIn(string folder, byte[] input, string[] arguments, (string Name, string Value)? variable = null)
    {
        var start = new ProcessStartInfo(Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder,
            Environment = { ["HF_HUB_OFFLINE"] = "1", [Threads] = "1" }, // no test asks the true hub
        };
        if (variable is { } more)
            start.Environment[more.Name] = more.Value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program had ended before it read all of its input, which is for the test to judge by the result.
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new Result(process.ExitCode, await output, await error);
    }
}

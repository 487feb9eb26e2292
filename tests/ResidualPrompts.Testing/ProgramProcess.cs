using System.Diagnostics;
using System.Text;

namespace ResidualPrompts.Testing;

/// <summary>Runs a program in processes of its own, and sends signals to them.</summary>
/// <param name="path">The program.</param>
public sealed class ProgramProcess(string path)
{
    /// <summary>The program.</summary>
    public string Path { get; } = path;

    /// <summary>Variables that are set, or removed where the value is null.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The folder in which it runs.</summary>
    public string Folder { get; init; } = System.IO.Path.GetTempPath();

    /// <summary>The same program with one more variable.</summary>
    public ProgramProcess With(string name, string? value) =>
        new(Path) { Folder = Folder, Environment = new Dictionary<string, string?>(Environment) { [name] = value } };

    /// <summary>The same program in another folder.</summary>
    public ProgramProcess In(string folder) => new(Path) { Folder = folder, Environment = Environment };

    /// <summary>Runs it to its end.</summary>
    public Task<ProgramResult> Run(params string[] arguments) => RunWith([], arguments);

    /// <summary>Runs it to its end with a text as its input.</summary>
    public Task<ProgramResult> RunWith(string input, params string[] arguments) => RunWith(Encoding.UTF8.GetBytes(input), arguments);

    /// <summary>Runs it to its end with bytes as its input.</summary>
    public async Task<ProgramResult> RunWith(byte[] input, params string[] arguments)
    {
        using var process = Start(arguments);
        var result = Finish(process);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input, TestContext.Current.CancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program had ended before it read all of its input, which is for the test to judge by the result.
        }

        return await result;
    }

    /// <summary>Runs it, sends it a signal when a task is over, and gives its exit code (137 when it was killed).</summary>
    /// <param name="signal">The signal's name: INT, TERM, KILL.</param>
    /// <param name="moment">When it is sent, unless the program ends before.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<int> RunAndSignal(string signal, Task moment, params string[] arguments)
    {
        using var process = Start(arguments);
        var result = Finish(process);
        await Task.WhenAny(process.WaitForExitAsync(TestContext.Current.CancellationToken), moment);
        Send(signal, process.Id);
        return (await result).ExitCode;
    }

    /// <summary>Starts it. Its streams are the caller's, and so is its end.</summary>
    public Process Start(params string[] arguments)
    {
        // A test run in the background may have been told to ignore Ctrl-C or the end of its terminal, which children inherit.
        var start = OperatingSystem.IsLinux() ? new ProcessStartInfo("/usr/bin/env", ["--default-signal=INT,QUIT,HUP", Path, .. arguments])
            : new ProcessStartInfo(Path, arguments);
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.StandardOutputEncoding = start.StandardErrorEncoding = Encoding.UTF8;
        start.WorkingDirectory = Folder;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Reads what a process writes until it ends.</summary>
    public static async Task<ProgramResult> Finish(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return new ProgramResult(process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal to a process.</summary>
    public static void Send(string signal, int processId) => Process.Start("/bin/kill", ["-s", signal, $"{processId}"]).WaitForExit();

    /// <summary>Sends signals to a process, 5 ms apart: "TERM TERM".</summary>
    public static void SendAll(string signals, int processId) => Process.Start(
        "/bin/sh", ["-c", $"for name in {signals}; do kill -s $name {processId}; sleep 0.005; done"]).WaitForExit();
}

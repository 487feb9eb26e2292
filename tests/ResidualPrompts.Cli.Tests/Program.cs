using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// The real program in a process of its own, for what a process alone can show: signals, exit codes, streams, environment. The rest is for
/// <see cref="InProcess"/>.
/// </summary>
internal static class Program
{
    internal static ProgramProcess Process { get; } = new(
        Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "residual-prompts.exe" : "residual-prompts"))
    {
        Environment = new Dictionary<string, string?>
        {
            ["HF_HUB_OFFLINE"] = "1", // no test asks the true hub
            ["OMP_NUM_THREADS"] = "1", // several tests run at once, and tiny models spend a third of their time waiting for a second thread
        },
    };

    internal static Task<ProgramResult> Run(params string[] arguments) => Process.Run(arguments);

    internal static Task<ProgramResult> RunWith(string input, params string[] arguments) => Process.RunWith(input, arguments);

    /// <summary>Sends a signal to the process that holds a run.</summary>
    internal static void Signal(string run, string signal)
    {
        using var record = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(run, "run.json")));
        ProgramProcess.Send(signal, record.RootElement.GetProperty("environment").GetProperty("process_id").GetInt32());
    }

    /// <summary>
    /// A random moment of the next third of a second after the program has written to a file; that it never writes is for the test to see.
    /// </summary>
    internal static async Task Soon(string file, Random random)
    {
        var start = DateTime.UtcNow;
        for (var i = 0; i < 3000 && File.GetLastWriteTimeUtc(file) < start; i++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await Task.Delay(random.Next(330), TestContext.Current.CancellationToken);
    }
}

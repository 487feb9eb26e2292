using System.Diagnostics;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>This program once more, as a process of its own: what one measurement leaves in memory and caches disturbs no other.</summary>
internal static class OwnProgram
{
    /// <summary>Starts it; what it prints on standard output is dropped, its messages are shown.</summary>
    internal static Process Start(params string[] arguments)
    {
        var path = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell the path of this program.");
        string[] program = Path.GetFileNameWithoutExtension(path) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        return Process.Start(new ProcessStartInfo(path, [.. program, .. arguments]) { RedirectStandardOutput = true })
            ?? throw new InvalidOperationException($"{path} could not be started.");
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="MeasurementException">It failed; it has said why.</exception>
    internal static void Run(params string[] arguments)
    {
        using var process = Start(arguments);
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != ExitCode.Good)
            throw new MeasurementException($"'{string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
    }
}

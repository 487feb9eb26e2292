using System.Diagnostics;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>This program once more, as a process of its own: what one measurement leaves in memory and caches disturbs no other.</summary>
internal static class OwnProgram
{
    /// <summary>Starts it.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="showsMessages">Whether its standard error is this process's own; else it can be read, as standard output always can.</param>
    /// <param name="environment">Environment variables that it gets besides this process's.</param>
    internal static Process Start(string[] arguments, bool showsMessages = true, Dictionary<string, string>? environment = null)
    {
        var path = Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell the path of this program.");
        string[] program = Path.GetFileNameWithoutExtension(path) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        var start = new ProcessStartInfo(path, [.. program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = !showsMessages };
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"{path} could not be started.");
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="MeasurementException">It failed; it has said why.</exception>
    internal static void Run(string[] arguments, Dictionary<string, string>? environment = null)
    {
        using var process = Start(arguments, environment: environment);
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != ExitCode.Good)
            throw new MeasurementException($"'{string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
    }
}

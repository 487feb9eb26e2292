using System.Diagnostics;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Runs this program in a child process, which isolates a measurement from the memory and caches of others.</summary>
internal static class OwnProgram
{
    /// <summary>How this program is started once more; the caller reads its output.</summary>
    internal static ProcessStartInfo Of(string[] arguments)
    {
        var path = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is unknown.");
        string[] program = Path.GetFileNameWithoutExtension(path) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];
        return new ProcessStartInfo(path, [.. program, .. arguments]) { RedirectStandardOutput = true };
    }

    /// <summary>Starts the program.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="showsMessages">
    /// Whether its standard error goes to this process's standard error; else the caller reads it, like its output.
    /// </param>
    /// <param name="environment">Additional environment variables.</param>
    internal static Process Start(string[] arguments, bool showsMessages = true, Dictionary<string, string>? environment = null)
    {
        var start = Of(arguments);
        start.RedirectStandardError = !showsMessages;
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started.");
        _ = ProcessEnd.Before(() => End(process)); // a signal to this process alone must not leave it behind
        return process;
    }

    /// <summary>Ends a child, which then deletes its own temporary files.</summary>
    private static void End(Process process)
    {
        if (process.HasExited)
            return;
        if (OperatingSystem.IsWindows())
            process.Kill();
        else
            _ = LibC.Signal(process.Id, LibC.Terminate);
    }

    /// <summary>Runs the program and waits for its end.</summary>
    /// <exception cref="MeasurementException">The program failed; it has printed the reason.</exception>
    internal static void Run(string[] arguments, Dictionary<string, string>? environment = null)
    {
        using var process = Start(arguments, environment: environment);
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != ExitCode.Good)
            throw new MeasurementException($"'{string.Join(' ', arguments)}' ended with exit code {process.ExitCode}.");
    }
}

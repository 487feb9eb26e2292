using System.Diagnostics;
using System.Globalization;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>A run of a sweep in a process of its own.</summary>
internal sealed class ChildRun : IDisposable
{
    private const int MostLines = 20;
    private readonly Process _process;
    private readonly Queue<string> _lines = [];

    /// <summary>Starts the process.</summary>
    /// <param name="run">The run.</param>
    /// <param name="threads">Its compute threads.</param>
    internal ChildRun(SweepRun run, int threads)
    {
        Run = run;
        var start = OwnProgram.Of(["sweep", SweepChild.Name, "--threads", threads.ToString(CultureInfo.InvariantCulture)]);
        start.RedirectStandardInput = start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} could not be started.");
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Tell(RunSpecJson.WriteAll(SpecOf(run)).ToJsonString());
    }

    /// <summary>The run.</summary>
    internal SweepRun Run { get; }

    /// <summary>Whether the process has ended.</summary>
    internal bool HasEnded => _process.HasExited;

    /// <summary>Its exit code; 128 and the signal's number where a signal ended it.</summary>
    internal int ExitCode => _process.ExitCode;

    /// <summary>The last line that it had to say.</summary>
    internal string LastLine
    {
        get
        {
            _process.WaitForExit(); // until its lines are read
            lock (_lines)
            {
                return _lines.LastOrDefault(line => line.StartsWith("error: ", StringComparison.Ordinal))?["error: ".Length..]
                    ?? _lines.LastOrDefault() ?? "it said nothing";
            }
        }
    }

    /// <summary>Asks it to stop at its next step, with a checkpoint.</summary>
    internal void Stop() => Tell(SweepChild.StopLine);

    /// <summary>Lets it go; it ends with this process.</summary>
    public void Dispose() => _process.Dispose();

    /// <summary>
    /// The settings of a run that has begun are those of its record, but for its length and a test score that it still lacks: what only observes is
    /// not part of what the run is, and stays.
    /// </summary>
    internal static RunSpec SpecOf(SweepRun run)
    {
        var directory = new RunDirectory(run.Directory);
        var spec = RunDirectory.Is(directory.Path) && RunRecord.Read(directory).Spec is var begun
            ? begun with { Epochs = run.Spec.Epochs, MaxSteps = run.Spec.MaxSteps, Test = begun.Test || run.Spec.Test }
            : run.Spec;
        return spec with { SaveDir = Path.GetDirectoryName(directory.Path)!, SaveName = Path.GetFileName(directory.Path) };
    }

    private void Tell(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended.
        }
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MostLines)
                _lines.Dequeue();
        }
    }
}

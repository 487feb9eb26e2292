using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A temporary folder for a measurement, deleted at its end unless the process is killed.</summary>
internal sealed class ScratchFolder : IDisposable
{
    private readonly IDisposable _deletion;

    internal ScratchFolder()
    {
        Path = Directory.CreateTempSubdirectory("residual-prompts-bench-").FullName;
        _deletion = ProcessEnd.Before(Delete); // Ctrl-C ends the process without running finally blocks
    }

    internal string Path { get; }

    /// <summary>Path of a file in it.</summary>
    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Redirects the caches of this process and its future child processes to this folder, so that they are deleted with it. A saved calibration
    /// stays in force.
    /// </summary>
    internal void HoldCaches()
    {
        var saved = ComputeChoice.Calibration;
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", File("cache"));
        if (saved?.Read().Managed is { } managed && ComputeChoice.Calibration!.Path != saved.Path)
            ComputeChoice.Calibration!.Write(managed);
    }

    public void Dispose()
    {
        _deletion.Dispose();
        Delete();
    }

    private void Delete()
    {
        try
        {
            if (Directory.Exists(Path))
                Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // a folder that stays must not hide why the measurement ended
        }
    }
}

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A folder that lives as long as a measurement, however the process ends short of being killed.</summary>
internal sealed class ScratchFolder : IDisposable
{
    internal ScratchFolder()
    {
        Path = Directory.CreateTempSubdirectory("residual-prompts-bench-").FullName;
        AppDomain.CurrentDomain.ProcessExit += OnExit; // Ctrl-C ends the process without unwinding
    }

    internal string Path { get; }

    /// <summary>Path of a file in it.</summary>
    internal string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Lets this process, and those it starts from now on, keep the user's caches here: what is made of passing models goes with them.</summary>
    internal void HoldCaches() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", File("cache"));

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Delete();
    }

    private void OnExit(object? sender, EventArgs e) => Delete();

    private void Delete()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}

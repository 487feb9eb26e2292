using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Native;

/// <summary>
/// A copy of the program ResidualPrompts.NativeProbe in a temporary folder, whose native libraries a test can replace. Files
/// that nobody replaces are links, so that a copy costs nothing.
/// </summary>
internal sealed class Probe : IDisposable
{
    private const string Name = "ResidualPrompts.NativeProbe";
    private readonly string _folder = Directory.CreateTempSubdirectory("native-tests-").FullName;

    internal Probe()
    {
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            var target = Path.Combine(_folder, Path.GetFileName(file));
            // The host looks for everything else beside the real place of the program.
            if (Path.GetFileName(file).StartsWith(Name, StringComparison.Ordinal))
                File.Copy(file, target);
            else
                File.CreateSymbolicLink(target, file);
        }
        Directory.CreateDirectory(NativeFolder);
        foreach (var file in Directory.GetFiles(ShippedLibrary.Folder))
            File.CreateSymbolicLink(Native(Path.GetFileName(file)), file);
    }

    internal string NativeFolder => Path.Combine(_folder, "runtimes", "linux-x64", "native");

    internal string Native(string fileName) => Path.Combine(NativeFolder, fileName);

    internal void Replace(string fileName, byte[] content)
    {
        File.Delete(Native(fileName));
        File.WriteAllBytes(Native(fileName), content);
    }

    /// <summary>Runs it without the variables that say how many threads compute and how they wait.</summary>
    internal Task<ProgramResult> RunAsync(string? argument = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = new[] { "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT" }.ToDictionary(name => name, _ => (string?)null);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            variables[name] = value;
        return new ProgramProcess(Path.Combine(_folder, Name)) { Environment = variables }.Run(argument is null ? [] : [argument]);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

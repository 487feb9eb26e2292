using System.Diagnostics;

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

    internal async Task<(int ExitCode, string Output, string Error)> RunAsync(
        CancellationToken cancellation, string? argument = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Path.Combine(_folder, Name)) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (argument is not null)
            start.ArgumentList.Add(argument);
        foreach (var variable in new[] { "OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT" })
            start.Environment.Remove(variable);
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return (process.ExitCode, await output, await error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

using System.Text;

namespace ResidualPrompts.Runs;

/// <summary>
/// Keeps a run directory to one process. The lock is the system's own on an open file: it ends with its holder, however that ends, so that
/// a file left behind by a killed process stops nobody.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private readonly string _path;
    private readonly FileStream _file;

    private RunLock(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Takes the lock.</summary>
    /// <exception cref="RunException">Another process holds it; the message names it.</exception>
    internal static RunLock Take(RunDirectory directory)
    {
        try
        {
            var file = new FileStream(directory.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes($"process {Environment.ProcessId} on {Environment.MachineName} since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC"));
            file.Flush();
            return new RunLock(directory.Lock, file);
        }
        catch (UnauthorizedAccessException e)
        {
            throw RunException.NotWritable(directory.Path, e);
        }
        catch (IOException) when (File.Exists(directory.Lock))
        {
            throw RunException.Locked(directory.Path, Holder(directory.Lock));
        }
    }

    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
    }

    private static string Holder(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd() is { Length: > 0 } holder ? holder : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}

using System.Runtime.CompilerServices;

namespace ResidualPrompts.Testing;

/// <summary>Compares a text with a file beside the test, or in the repository; UPDATE_SNAPSHOTS=1 writes the file instead.</summary>
public static class Snapshot
{
    /// <summary>Compares with <c>Snapshots/NAME</c> beside the calling test.</summary>
    public static void Match(string name, string text, [CallerFilePath] string caller = "") =>
        MatchFile(Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", name), text);

    /// <summary>Compares the part of a file between two marker lines.</summary>
    public static void MatchPart(string path, string begin, string end, string text)
    {
        var whole = File.ReadAllText(path);
        var (start, stop) = (whole.IndexOf(begin, StringComparison.Ordinal) + begin.Length + 1, whole.IndexOf(end, StringComparison.Ordinal));
        Compare(path, whole[start..stop], text, () => File.WriteAllText(path, whole[..start] + text + whole[stop..]));
    }

    /// <summary>The repository's folder.</summary>
    public static string Repository([CallerFilePath] string caller = "")
    {
        var folder = Path.GetDirectoryName(caller);
        while (folder is not null && !File.Exists(Path.Combine(folder, "ResidualPrompts.slnx")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The test was built outside of its repository.");
    }

    private static void MatchFile(string path, string text) => Compare(path, File.Exists(path) ? File.ReadAllText(path) : "", text, () =>
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    });

    private static void Compare(string path, string expected, string actual, Action write)
    {
        if (expected == actual)
            return;
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            write();
            return;
        }

        var (lines, found) = (expected.Split('\n'), actual.Split('\n'));
        var at = Enumerable.Range(0, Math.Max(lines.Length, found.Length)).First(i => lines.ElementAtOrDefault(i) != found.ElementAtOrDefault(i));
        throw new SnapshotException($"{path}, line {at + 1}: expected '{lines.ElementAtOrDefault(at)}', found '{found.ElementAtOrDefault(at)}'. "
            + $"UPDATE_SNAPSHOTS=1 writes the new text.");
    }
}

/// <summary>A text is not that of its snapshot.</summary>
public sealed class SnapshotException(string message) : Exception(message);

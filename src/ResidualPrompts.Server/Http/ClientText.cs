using ResidualPrompts.Runs;

namespace ResidualPrompts.Server.Http;

/// <summary>
/// What a client may read about a problem: files are named relative to the directories of prompts and runs, and the model by its name. Where they lie
/// on this machine is only in the log.
/// </summary>
internal sealed class ClientText(PromptServingOptions options)
{
    private readonly (string Path, string Shown)[] _paths =
    [
        .. new[] { options.Prompts, options.Runs }.OfType<string>().SelectMany(Spellings).SelectMany(Spelled => new[]
        {
            (Spelled + Path.DirectorySeparatorChar, ""), (Spelled, Path.GetFileName(Spelled)),
        }),
        .. ModelOf(options.Model),
    ];

    /// <summary>The problem and its remedies.</summary>
    internal string Of(Exception exception) => exception is InputException ? Relative(ProblemText.Of(exception))
        : "an unexpected error occurred; see the server's log";

    /// <summary>A text with paths as a client may read them.</summary>
    internal string Relative(string text)
    {
        foreach (var (path, shown) in _paths)
            text = text.Replace(path, shown, StringComparison.Ordinal);
        return text;
    }

    private static IEnumerable<(string Path, string Shown)> ModelOf(string model) => Path.IsPathRooted(model)
        ? Spellings(RunDirectory.ModelIn(model)).Append(model).Select(path => (path, Path.GetFileName(Path.TrimEndingDirectorySeparator(model))))
        : [];

    /// <summary>A path as it was given, from the root, and without links; the longest first.</summary>
    private static IEnumerable<string> Spellings(string path)
    {
        string[] spellings = [path, Path.GetFullPath(path), Real(path)];
        return spellings.Select(Path.TrimEndingDirectorySeparator).Where(Path.IsPathRooted).Where(spelled => spelled.Length > 1)
            .Distinct().OrderByDescending(spelled => spelled.Length);
    }

    private static string Real(string path)
    {
        try
        {
            return Files.RealPath.Of(path);
        }
        catch (IOException)
        {
            return path;
        }
    }
}

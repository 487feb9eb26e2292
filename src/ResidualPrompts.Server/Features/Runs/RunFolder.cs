using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>
/// The run directories below one directory, by relative path. A name from a request is only compared with the names found.
/// </summary>
/// <param name="options">Contains the directory, or null if no runs are shown.</param>
internal sealed class RunFolder(PromptServingOptions options)
{
    private static readonly EnumerationOptions Search = new()
    {
        RecurseSubdirectories = true,
        MaxRecursionDepth = 3, // SAVE_DIR/STUDY/SAVE_NAME/seed-N
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        IgnoreInaccessible = true,
    };

    private readonly string? _root = options.Runs is { } path ? Path.GetFullPath(path) : null;

    internal bool IsShown => _root is not null;

    /// <summary>Whether a run's file lies in the directory, wherever links lead: a file elsewhere is not shown.</summary>
    internal bool Holds(string file)
    {
        try
        {
            return _root is not null && RealPath.IsBelow(RealPath.Of(file), RealPath.Of(_root));
        }
        catch (IOException)
        {
            return false; // a circle
        }
    }

    /// <summary>All runs by name, in alphabetical order.</summary>
    internal SortedDictionary<string, RunDirectory> Find()
    {
        var found = new SortedDictionary<string, RunDirectory>(StringComparer.Ordinal);
        if (_root is null || !Directory.Exists(_root))
            return found;
        foreach (var record in Directory.EnumerateFiles(_root, RunDirectory.RecordName, Search))
        {
            var directory = Path.GetDirectoryName(record)!;
            found[directory == _root ? Path.GetFileName(_root)
                : Path.GetRelativePath(_root, directory).Replace('\\', '/')] = new RunDirectory(directory);
        }

        return found;
    }
}

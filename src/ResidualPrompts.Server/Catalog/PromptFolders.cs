using ResidualPrompts.Adapters;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// The directories of prompts below one directory: adapter directories, run directories that contain one, or studies, whose prompts answer together.
/// Every link on the way to a file is followed; a file outside the directory is refused. The blobs of a repository in the hub's cache count as
/// inside its snapshots.
/// </summary>
internal sealed class PromptFolders
{
    private readonly string _named;
    private readonly string _root;
    private readonly StudyAdapters _studies;

    /// <param name="path">The directory, or a link to it, which may lead elsewhere at the next look.</param>
    /// <param name="studies">Finds the adapters of studies.</param>
    /// <exception cref="IOException">The links form a circle.</exception>
    internal PromptFolders(string path, StudyAdapters studies) => (_named, _root, _studies) = (path, RealPath.Of(path), studies);

    /// <summary>The directories with an adapter, and the studies, by name in alphabetical order. The directory itself may be a study.</summary>
    internal SortedDictionary<string, string> Find()
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (StudyAdapters.IsStudy(_named))
            found[Path.GetFileName(Path.TrimEndingDirectorySeparator(_named))] = _named;
        foreach (var directory in Directory.EnumerateDirectories(_named))
        {
            var name = Path.GetFileName(directory);
            if (name.StartsWith('.')) // also the versions behind the links of a volume of Kubernetes
                continue;
            var adapter = RunDirectory.AdapterIn(directory);
            if (StudyAdapters.IsStudy(directory))
                found[name] = directory;
            else if (File.Exists(Path.Combine(adapter, PeftConfig.FileName)))
                found[name] = adapter;
        }

        return found;
    }

    /// <summary>The adapter directories of a prompt: one, or those of a study's runs in the order in which they answer together.</summary>
    /// <exception cref="InputException">A run of the study is not finished, is missing, or cannot answer together with the others.</exception>
    internal IReadOnlyList<string> AdaptersOf(string directory) =>
        StudyAdapters.IsStudy(directory) ? _studies.Of(directory, _root) : [directory];

    private void RequireInside(string directory)
    {
        if (!RealPath.IsBelow(RealPath.Of(directory), _root))
            throw ServerException.DirectoryOutside();
    }

    /// <summary>Whether the directory has the files of a prompt, which must lie one level deeper to be served.</summary>
    internal bool IsAdapter => File.Exists(Path.Combine(_named, PeftConfig.FileName));

    /// <summary>
    /// Whether a prompt's files are being replaced, or were until a process was killed: its config is deleted first and comes back last.
    /// </summary>
    internal bool IsBeingReplaced(string name)
    {
        var config = Path.Combine(RunDirectory.AdapterIn(Path.Combine(_named, name)), PeftConfig.FileName);
        return AtomicFile.HasTemporary(config) || File.Exists(config);
    }

    internal bool Has(string name) => Directory.Exists(Path.Combine(_named, name));

    /// <summary>Refuses a prompt's directory that lies elsewhere, and gives the check of its files.</summary>
    /// <exception cref="ServerException">The directory lies outside.</exception>
    /// <exception cref="IOException">The links form a circle.</exception>
    internal Action<string, string> CheckOf(string directory)
    {
        RequireInside(directory);
        var real = RealPath.Of(directory);
        var blobs = BlobsOf(real);
        return (name, file) =>
        {
            if (!RealPath.IsBelow(file, _root) && (blobs is null || !RealPath.IsBelow(file, blobs)))
                throw ServerException.FileOutside(name);
        };
    }

    /// <summary>The folder of blobs of a directory below <c>models--ORG--NAME/snapshots/COMMIT</c>, or null.</summary>
    private static string? BlobsOf(string directory)
    {
        for (var folder = directory; Path.GetDirectoryName(folder) is { } parent; folder = parent)
        {
            if (Path.GetFileName(parent) == "snapshots" && Path.GetDirectoryName(parent) is { } repository
                && Path.GetFileName(repository) is var name
                && (name.StartsWith("models--", StringComparison.Ordinal) || name.StartsWith("datasets--", StringComparison.Ordinal)))
                return Path.Combine(repository, "blobs");
        }

        return null;
    }
}

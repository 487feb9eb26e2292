using ResidualPrompts.Files;

namespace ResidualPrompts.Hub;

/// <summary>
/// The hub's cache on this machine, in the layout of the hub's documentation, so that this library and the Python tools share downloads:
/// <c>models--OWNER--NAME/{refs,blobs,snapshots,.no_exist}</c>. Looking files up needs no network. Source:
/// https://huggingface.co/docs/hub/local-cache.
/// </summary>
internal sealed class HubCache(string folder, bool usesLinks)
{
    private const string Tag =
        "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of the Hugging Face hub; see https://bford.info/cachedir/.\n";

    public string Folder => folder;

    /// <summary>The commit of a revision; null if the cache does not know it.</summary>
    public string? CommitOf(HubRepository repository, string revision)
    {
        if (HubPath.IsCommit(revision))
            return revision;
        try
        {
            var path = PathOf(repository, "refs", revision);
            return File.Exists(path) && PlainFile.ReadText(path, PlainFile.LongestText).Trim() is var commit && HubPath.IsCommit(commit)
                ? commit
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The folder of a revision's files; null if the cache has none of them.</summary>
    public string? FindSnapshot(HubRepository repository, string revision) =>
        CommitOf(repository, revision) is { } commit && Directory.Exists(SnapshotOf(repository, commit)) ? SnapshotOf(repository, commit) : null;

    public string SnapshotOf(HubRepository repository, string commit) => PathOf(repository, "snapshots", commit);

    /// <summary>A file of a commit; null if it is not cached. A link whose blob is missing counts as not cached.</summary>
    public string? Find(HubRepository repository, string commit, string file) =>
        Path.Combine(SnapshotOf(repository, commit), file) is var path && IsThere(path) ? path : null;

    /// <summary>Whether a commit's file is known to the cache, but is a link whose blob is gone.</summary>
    public bool IsDangling(HubRepository repository, string commit, string file) =>
        new FileInfo(Path.Combine(SnapshotOf(repository, commit), file)) is { LinkTarget: not null } link && !IsThere(link.FullName);

    /// <summary>The names of all data files of a commit, as the hub listed them; null if another program downloaded it.</summary>
    public IReadOnlyList<string>? FilesOf(HubRepository repository, string commit)
    {
        try
        {
            return File.Exists(ListOf(repository, commit))
                ? PlainFile.ReadText(ListOf(repository, commit), PlainFile.LongestRecord)
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Records the names of all data files of a commit, so that some of them are never taken for all.
    /// </summary>
    /// <returns>As <see cref="RememberCommit"/>.</returns>
    public Exception? RememberFiles(HubRepository repository, string commit, IEnumerable<string> files)
    {
        string[] names = [.. files.Order(StringComparer.Ordinal)];
        return FilesOf(repository, commit)?.SequenceEqual(names) is true ? null
            : Quietly(() => WriteText(ListOf(repository, commit), string.Concat(names.Select(name => name + "\n"))));
    }

    public string BlobOf(HubRepository repository, string etag) => PathOf(repository, "blobs", etag);

    public string LockOf(HubRepository repository, string etag) => Path.Combine(folder, ".locks", repository.FolderName, etag + ".lock");

    /// <summary>Whether the cache knows that a commit has no such file.</summary>
    public bool IsAbsent(HubRepository repository, string commit, string file) => File.Exists(PathOf(repository, ".no_exist", commit, file));

    /// <summary>Records that a commit has no such file; does nothing if the cache cannot be written.</summary>
    public void RememberAbsence(HubRepository repository, string commit, string file) =>
        Quietly(() => WriteText(PathOf(repository, ".no_exist", commit, file), ""));

    /// <summary>Records the commit of a branch or tag, without which nothing is found offline.</summary>
    /// <returns>Why the cache could not be written, which only matters if something was downloaded; null = it is recorded.</returns>
    public Exception? RememberCommit(HubRepository repository, string revision, string commit)
    {
        return revision == commit || CommitOf(repository, revision) == commit ? null
            : Quietly(() => WriteText(PathOf(repository, "refs", revision), commit));
    }

    /// <summary>Creates the folders that a download needs, and marks the cache as one that backups may skip.</summary>
    public void Prepare(HubRepository repository)
    {
        Disk.CreateFolder(PathOf(repository, "blobs"));
        Disk.CreateFolder(Path.Combine(folder, ".locks", repository.FolderName));
        var tag = Path.Combine(folder, "CACHEDIR.TAG");
        if (!File.Exists(tag))
            Quietly(() => WriteText(tag, Tag));
    }

    /// <summary>
    /// Makes a blob available as a file of a commit: as a relative link, or where links are not possible as the file itself, moved if the blob is new
    /// (nobody else uses it yet), else copied. The name appears atomically.
    /// </summary>
    public string Link(HubRepository repository, string commit, string file, string etag, bool isNew)
    {
        var (blob, target) = (BlobOf(repository, etag), Path.Combine(SnapshotOf(repository, commit), file));
        Disk.CreateFolder(Path.GetDirectoryName(target)!);
        if (usesLinks && TryLink(blob, target))
            return target;
        if (isNew)
            Disk.Rename(blob, target);
        else
            AtomicFile.Write(target, stream =>
            {
                using var source = PlainFile.Open(blob);
                source.CopyTo(stream);
            });
        return target;
    }

    /// <summary>.NET says of a link that it exists, even if its target does not.</summary>
    private static bool IsThere(string path)
    {
        try
        {
            return File.Exists(path)
                && (new FileInfo(path).LinkTarget is null || File.ResolveLinkTarget(path, returnFinalTarget: true) is FileInfo { Exists: true });
        }
        catch (IOException)
        {
            return false; // links in a circle
        }
    }

    private string ListOf(HubRepository repository, string commit) => PathOf(repository, ".files", commit);

    private static bool TryLink(string blob, string target)
    {
        try
        {
            AtomicFile.Link(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, blob));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            return false;
        }
    }

    private string PathOf(HubRepository repository, params string[] parts) => Path.Combine([folder, repository.FolderName, .. parts]);

    private static void WriteText(string path, string text)
    {
        Disk.CreateFolder(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    private static Exception? Quietly(Action write)
    {
        try
        {
            write();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e; // losing a record costs one request, and the cache may be one that others fill
        }
    }
}

using ResidualPrompts.Files;

namespace ResidualPrompts.Hub;

/// <summary>
/// The hub's cache on this machine, laid out as the hub's documentation says, so that the Python tools and this library use each other's
/// downloads: <c>models--OWNER--NAME/{refs,blobs,snapshots,.no_exist}</c>. Files are looked up without any network.
/// Source: https://huggingface.co/docs/hub/local-cache.
/// </summary>
internal sealed class HubCache(string folder, bool usesLinks)
{
    private const string Tag =
        "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of the Hugging Face hub; see https://bford.info/cachedir/.\n";

    public string Folder => folder;

    /// <summary>The commit of a revision when it is known here.</summary>
    public string? CommitOf(HubRepository repository, string revision)
    {
        if (HubPath.IsCommit(revision))
            return revision;
        try
        {
            var path = PathOf(repository, "refs", revision);
            return File.Exists(path) && File.ReadAllText(path).Trim() is var commit && HubPath.IsCommit(commit) ? commit : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The folder of a revision's files when some of them are here.</summary>
    public string? FindSnapshot(HubRepository repository, string revision) =>
        CommitOf(repository, revision) is { } commit && Directory.Exists(SnapshotOf(repository, commit)) ? SnapshotOf(repository, commit) : null;

    public string SnapshotOf(HubRepository repository, string commit) => PathOf(repository, "snapshots", commit);

    /// <summary>A file of a commit when it is here; a link whose blob is gone counts as not here.</summary>
    public string? Find(HubRepository repository, string commit, string file) =>
        Path.Combine(SnapshotOf(repository, commit), file) is var path && File.Exists(path) ? path : null;

    public string BlobOf(HubRepository repository, string etag) => PathOf(repository, "blobs", etag);

    public string LockOf(HubRepository repository, string etag) => Path.Combine(folder, ".locks", repository.FolderName, etag + ".lock");

    /// <summary>Whether the hub said that a commit has no such file.</summary>
    public bool IsAbsent(HubRepository repository, string commit, string file) => File.Exists(PathOf(repository, ".no_exist", commit, file));

    /// <summary>Remembers that a commit has no such file; a cache that cannot be written is left as it is.</summary>
    public void RememberAbsence(HubRepository repository, string commit, string file) =>
        Quietly(() => WriteText(PathOf(repository, ".no_exist", commit, file), ""));

    /// <summary>Remembers which commit a branch or tag is; a cache that cannot be written is left as it is.</summary>
    public void RememberCommit(HubRepository repository, string revision, string commit)
    {
        if (revision != commit && CommitOf(repository, revision) != commit)
            Quietly(() => WriteText(PathOf(repository, "refs", revision), commit));
    }

    /// <summary>Makes the folders that a download needs, and marks the cache as one that backups may leave out.</summary>
    public void Prepare(HubRepository repository)
    {
        Disk.CreateFolder(PathOf(repository, "blobs"));
        Disk.CreateFolder(Path.Combine(folder, ".locks", repository.FolderName));
        var tag = Path.Combine(folder, "CACHEDIR.TAG");
        if (!File.Exists(tag))
            Quietly(() => WriteText(tag, Tag));
    }

    /// <summary>
    /// Shows a blob as a file of a commit: a relative link, or the file itself where there can be no links: moved when the blob is new, so
    /// that nobody
    /// else uses it, else copied. The name appears at once or not at all.
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
                using var source = File.OpenRead(blob);
                source.CopyTo(stream);
            });
        return target;
    }

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
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(text)));
    }

    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return; // a memory that is lost costs a request, nothing else
        }
    }
}

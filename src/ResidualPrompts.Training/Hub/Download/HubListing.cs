using ResidualPrompts.Files;

namespace ResidualPrompts.Hub.Download;

/// <summary>A repository in the cache.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Size">Bytes of its blobs, each counted once, and of files that are not links.</param>
/// <param name="IncompleteSize">Bytes of unfinished downloads.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Revisions">The commits with cached files.</param>
internal sealed record CachedRepository(
    HubRepository Repository, long Size, long IncompleteSize, string Folder, IReadOnlyList<CachedRevision> Revisions);

/// <summary>A commit in the cache.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Names">Branches and tags that point to this commit, as known to the cache.</param>
/// <param name="FileCount">Number of its cached files.</param>
/// <param name="Size">Their size in bytes.</param>
internal sealed record CachedRevision(string Commit, IReadOnlyList<string> Names, int FileCount, long Size);

/// <summary>Lists the content of a cache.</summary>
internal static class HubListing
{
    private const string Incomplete = ".incomplete";

    /// <summary>Lists a cache by name; other folders than the hub's are skipped.</summary>
    /// <param name="cacheFolder">The cache; it need not exist.</param>
    public static IReadOnlyList<CachedRepository> Of(string cacheFolder) => !Directory.Exists(cacheFolder) ? [] :
    [
        .. Directory.EnumerateDirectories(cacheFolder)
            .Select(folder => (folder, Repository: HubRepository.OfFolder(Path.GetFileName(folder))))
            .Where(pair => pair.Repository is not null)
            .OrderBy(pair => Path.GetFileName(pair.folder), StringComparer.Ordinal)
            .Select(pair => Read(pair.folder, pair.Repository!)),
    ];

    private static CachedRepository Read(string folder, HubRepository repository)
    {
        var names = Files(Path.Combine(folder, "refs")).ToLookup(
            file => PlainFile.ReadText(file.FullName, PlainFile.LongestText).Trim(),
                file => Path.GetRelativePath(Path.Combine(folder, "refs"), file.FullName).Replace('\\', '/'));
        var blobs = Files(Path.Combine(folder, "blobs"))
            .ToLookup(file => file.Name.EndsWith(Incomplete, StringComparison.Ordinal), file => file.Length);
        var snapshots = Path.Combine(folder, "snapshots");
        CachedRevision[] revisions =
        [
            .. (Directory.Exists(snapshots) ? Directory.EnumerateDirectories(snapshots) : [])
                .Order(StringComparer.Ordinal)
                .Select(path => (Commit: Path.GetFileName(path), Sizes: Files(path).Select(SizeOf).OfType<long>().ToArray()))
                .Select(pair => new CachedRevision(pair.Commit, [.. names[pair.Commit].Order(StringComparer.Ordinal)],
                    pair.Sizes.Length, pair.Sizes.Sum())),
        ];
        var plain = Files(snapshots).Where(file => file.LinkTarget is null).Sum(file => file.Length);
        return new CachedRepository(repository, blobs[false].Sum() + plain, blobs[true].Sum(), folder, revisions);
    }

    private static IEnumerable<FileInfo> Files(string folder) =>
        Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories) : [];

    /// <summary>The size of a file or of the blob that it links to; null when the blob is gone.</summary>
    private static long? SizeOf(FileInfo file) =>
        file.LinkTarget is null
            ? file.Length
            : file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo { Exists: true } blob ? blob.Length : null;
}

namespace ResidualPrompts.Hub.Download;

/// <summary>
/// Models and data sets of the hub on this machine. Missing files are downloaded into the cache, and only the required ones. When the hub cannot
/// be reached, the cached version is used.
/// </summary>
/// <example>
/// <code>
/// using var hub = new HubDownloader(HubSettings.FromEnvironment());
/// var model = await hub.GetModelAsync("google/t5-base-lm-adapt");
/// using var backbone = Backbone.Load(model.Folder);
/// </code>
/// </example>
public sealed class HubDownloader : IDisposable
{
    private readonly HubSettings _settings;
    private readonly HubCache _cache;
    private readonly HubSnapshots _snapshots;
    private readonly HubClient _client;
    private readonly HubDownload _download;

    /// <summary>Makes a downloader; nothing is requested or written yet.</summary>
    /// <param name="settings">The hub and the cache.</param>
    /// <param name="progress">Receives the progress of each file; called on any thread.</param>
    public HubDownloader(HubSettings settings, IProgress<HubProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _settings = settings;
        _cache = new HubCache(settings.CacheFolder, settings.UsesLinks);
        _snapshots = new HubSnapshots(_cache);
        _client = new HubClient(settings);
        _download = new HubDownload(_client, _cache, settings, progress);
    }

    /// <summary>A T5: its config, tokenizer and weights, as safetensors or else PyTorch's file.</summary>
    /// <param name="name">NAME or OWNER/NAME.</param>
    /// <param name="revision">Branch, tag or commit; default <c>main</c>.</param>
    /// <param name="cancellationToken">Stops the download; a partial file is kept and continued next time.</param>
    /// <exception cref="HubException">
    /// The model or revision does not exist or is not accessible, is not cached while offline, or the cache cannot be written.
    /// </exception>
    /// <exception cref="HubTransferException">
    /// The hub cannot be reached and the cache lacks the model, or a download is incomplete or damaged.
    /// </exception>
    public Task<HubSnapshot> GetModelAsync(string name, string? revision = null, CancellationToken cancellationToken = default) =>
        GetModelAsync(name, revision, ModelParts.All, cancellationToken);

    internal async Task<HubSnapshot> GetModelAsync(string name, string? revision, ModelParts parts, CancellationToken cancellationToken)
    {
        var repository = HubRepository.Model(name);
        revision = HubRepository.Revision(revision);
        if (HubPath.IsCommit(revision) && _snapshots.FindModel(repository, revision, parts) is { Note: null } known)
            return known; // a commit never changes
        if (_settings.IsOffline)
            return _snapshots.FindModel(repository, revision, parts) ?? throw HubException.NotCached(repository, revision, _cache.Folder);
        HubFile? config;
        try
        {
            config = await _client.FindAsync(repository, revision, ModelFiles.Config, cancellationToken).ConfigureAwait(false);
        }
        catch (HubTransferException unreachable)
        {
            if (Noted(_snapshots.FindModel(repository, revision, parts), unreachable) is { } cached)
                return cached;
            throw;
        }

        if (config is null)
            throw HubException.MissingFile(repository, revision, [ModelFiles.Config]);
        var commit = config.Commit;
        var before = _download.Count;
        var unrecorded = _cache.RememberCommit(repository, revision, commit);
        await _download.GetAsync(repository, ModelFiles.Config, config, cancellationToken).ConfigureAwait(false);
        var tokenizer = await GetFirstAsync(repository, commit, ModelFiles.Tokenizer, cancellationToken).ConfigureAwait(false);
        if (tokenizer is null && parts == ModelParts.Tokenizer)
            throw HubException.MissingFile(repository, revision, ModelFiles.Tokenizer);
        foreach (var file in ModelFiles.Settings)
            await GetFirstAsync(repository, commit, [file], cancellationToken).ConfigureAwait(false);
        if (parts == ModelParts.All)
            await GetWeightsAsync(repository, commit, revision, cancellationToken).ConfigureAwait(false);
        RequireRecord(unrecorded, before);
        return new HubSnapshot(repository, commit, _cache.SnapshotOf(repository, commit));
    }

    /// <summary>The files of a data set, or of one of its configurations.</summary>
    /// <param name="name">NAME or OWNER/NAME of the data set, and <c>:CONFIGURATION</c> if it has several.</param>
    /// <param name="revision">Branch, tag or commit; default <c>main</c>.</param>
    /// <param name="cancellationToken">Stops the download; a partial file is kept and continued next time.</param>
    /// <exception cref="HubException">As for a model, or the configuration does not exist.</exception>
    /// <exception cref="HubTransferException">As for a model.</exception>
    public Task<HubSnapshot> GetDataSetAsync(string name, string? revision = null, CancellationToken cancellationToken = default) =>
        GetDataSetAsync(HubDataSetName.TryParse(name) ?? throw HubException.BadName(name), revision, cancellationToken);

    internal async Task<HubSnapshot> GetDataSetAsync(HubDataSetName name, string? revision = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        var repository = HubRepository.DataSet(name.Name);
        revision = HubRepository.Revision(revision);
        if (_settings.IsOffline)
        {
            return _snapshots.FindDataSet(repository, name.Configuration, revision, out var missing)
                ?? throw HubException.NotCached(repository, revision, _cache.Folder, missing);
        }

        (string Commit, IReadOnlyList<string> Files) listing;
        try
        {
            listing = await _client.ListAsync(repository, revision, cancellationToken).ConfigureAwait(false);
        }
        catch (HubTransferException unreachable)
        {
            if (Noted(_snapshots.FindDataSet(repository, name.Configuration, revision), unreachable) is { } cached)
                return cached;
            throw;
        }

        foreach (var file in listing.Files.Where(file => !HubPath.IsSafe(file)))
            throw HubException.UnsafeName(repository, file);
        var (folder, files) = DataSetFiles.Choose(repository, name.Configuration, listing.Files);
        var before = _download.Count;
        // First: a part is then known to be one.
        var unrecorded = _cache.RememberFiles(repository, listing.Commit, listing.Files.Where(DataSetFiles.IsData));
        foreach (var file in files)
        {
            if (await GetAsync(repository, listing.Commit, file, cancellationToken).ConfigureAwait(false) is null)
                throw HubException.MissingFile(repository, revision, [file]);
        }

        // Written last, so that an incomplete set of files never looks complete offline.
        RequireRecord(unrecorded ?? _cache.RememberCommit(repository, revision, listing.Commit), before);
        return new HubSnapshot(repository, listing.Commit, Path.Combine(_cache.SnapshotOf(repository, listing.Commit), folder));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Fails if something was downloaded that would not be found again.</summary>
    private void RequireRecord(Exception? unrecorded, int before)
    {
        if (unrecorded is not null && _download.Count > before)
            throw HubException.CannotWrite(_cache.Folder, unrecorded);
    }

    private async Task GetWeightsAsync(HubRepository repository, string commit, string revision, CancellationToken cancellationToken)
    {
        var (name, path) = await GetFirstAsync(repository, commit, ModelFiles.Weights, cancellationToken).ConfigureAwait(false)
            ?? throw HubException.MissingFile(repository, revision, ModelFiles.Weights);
        foreach (var shard in ModelFiles.ShardsOf(repository, name, path))
        {
            if (await GetAsync(repository, commit, shard, cancellationToken).ConfigureAwait(false) is null)
                throw HubException.MissingFile(repository, revision, [shard]);
        }
    }

    private async Task<(string Name, string Path)?> GetFirstAsync(
        HubRepository repository, string commit, string[] names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (await GetAsync(repository, commit, name, cancellationToken).ConfigureAwait(false) is { } path)
                return (name, path);
        }

        return null;
    }

    private async Task<string?> GetAsync(HubRepository repository, string commit, string file, CancellationToken cancellationToken)
    {
        if (_cache.Find(repository, commit, file) is { } present)
            return present;
        if (_cache.IsAbsent(repository, commit, file))
            return null;
        var about = await _client.FindAsync(repository, commit, file, cancellationToken).ConfigureAwait(false);
        if (about is not null)
            return await _download.GetAsync(repository, file, about with { Commit = commit }, cancellationToken).ConfigureAwait(false);
        _cache.RememberAbsence(repository, commit, file);
        return null;
    }

    private static HubSnapshot? Noted(HubSnapshot? cached, Exception unreachable) =>
        cached?.WithNote($"{unreachable.Message} The cache's commit {cached.Commit} is used.{(cached.Note is { } note ? $" {note}" : "")}");
}

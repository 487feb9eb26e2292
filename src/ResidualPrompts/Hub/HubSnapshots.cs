namespace ResidualPrompts.Hub;

/// <summary>Looks up models and data sets in a cache, without any network.</summary>
internal sealed class HubSnapshots(HubCache cache)
{
    /// <summary>The cache of the environment.</summary>
    public static HubSnapshots OfEnvironment()
    {
        var settings = HubSettings.FromEnvironment();
        return new HubSnapshots(new HubCache(settings.CacheFolder, settings.UsesLinks));
    }

    /// <summary>The cache folder, for messages.</summary>
    public string Folder => cache.Folder;

    /// <summary>Finds a model; null when a required part is not in the cache.</summary>
    public HubSnapshot? FindModel(HubRepository repository, string revision, ModelParts parts)
    {
        if (cache.CommitOf(repository, revision) is not { } commit || cache.Find(repository, commit, ModelFiles.Config) is null)
            return null;
        var isWhole = parts == ModelParts.Tokenizer
            ? Array.Exists(ModelFiles.Tokenizer, file => cache.Find(repository, commit, file) is not null)
            : HasWeights(repository, commit);
        return isWhole ? new HubSnapshot(repository, commit, cache.SnapshotOf(repository, commit)) : null;
    }

    /// <summary>Finds a configuration of a data set; null when it is not in the cache.</summary>
    /// <exception cref="HubException">The cache has several configurations, and none was named.</exception>
    public HubSnapshot? FindDataSet(HubRepository repository, string? configuration, string revision)
    {
        if (cache.FindSnapshot(repository, revision) is not { } snapshot
            || (configuration is not (null or "default") && !Directory.Exists(Path.Combine(snapshot, configuration))))
            return null;
        var names = Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(snapshot, path).Replace('\\', '/'));
        var (folder, _) = DataSetFiles.Choose(repository, configuration, names);
        return new HubSnapshot(repository, cache.CommitOf(repository, revision)!, Path.Combine(snapshot, folder));
    }

    private bool HasWeights(HubRepository repository, string commit)
    {
        var name = Array.Find(ModelFiles.Weights, file => cache.Find(repository, commit, file) is not null);
        return name is not null
            && ModelFiles.ShardsOf(repository, name, cache.Find(repository, commit, name)!)
                .All(shard => cache.Find(repository, commit, shard) is not null);
    }
}

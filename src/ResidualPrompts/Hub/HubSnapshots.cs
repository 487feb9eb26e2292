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
        if (ModelFiles.Tokenizer.Concat(ModelFiles.Settings).Any(file => cache.IsDangling(repository, commit, file)))
            return null; // without it the same text would have other tokens
        var isWhole = parts == ModelParts.Tokenizer
            ? Array.Exists(ModelFiles.Tokenizer, file => cache.Find(repository, commit, file) is not null)
            : HasWeights(repository, commit);
        return isWhole ? new HubSnapshot(repository, commit, cache.SnapshotOf(repository, commit), NoteOn(repository, commit)) : null;
    }

    /// <summary>
    /// What cannot be known of files that may hold added tokens: a program that did not look for them, such as an earlier version of this one, leaves
    /// neither the file nor a mark that there is none.
    /// </summary>
    private string? NoteOn(HubRepository repository, string commit)
    {
        if (cache.Find(repository, commit, ModelFiles.FastTokenizer) is not null)
            return null;
        string[] unknown =
        [
            .. ModelFiles.AddedTokens.Append(ModelFiles.FastTokenizer)
                .Where(file => cache.Find(repository, commit, file) is null && !cache.IsAbsent(repository, commit, file)),
        ];
        return unknown.Length == 0 ? null
            : $"The cache does not say whether '{repository.Name}' has {string.Join(" or ", unknown)}. If it does, tokens that its owner added are "
                + "missing here. While online, any command with this model fetches what there is.";
    }

    /// <summary>Finds a configuration of a data set; null when it, or any of its files, is not in the cache.</summary>
    /// <exception cref="HubException">The data set has several configurations, and none was named.</exception>
    public HubSnapshot? FindDataSet(HubRepository repository, string? configuration, string revision) =>
        FindDataSet(repository, configuration, revision, out _);

    /// <summary>The same; says which file is missing of a data set that is cached in part.</summary>
    public HubSnapshot? FindDataSet(HubRepository repository, string? configuration, string revision, out string? missing)
    {
        missing = null;
        if (cache.FindSnapshot(repository, revision) is not { } snapshot)
            return null;
        var commit = cache.CommitOf(repository, revision)!;
        var listed = cache.FilesOf(repository, commit);
        if (listed is null && configuration is not (null or "default") && !Directory.Exists(Path.Combine(snapshot, configuration)))
            return null;
        var names = listed ?? Directory.EnumerateFiles(snapshot, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(snapshot, path).Replace('\\', '/')).Where(name => !Path.GetFileName(name).StartsWith('.'));
        var (folder, files) = DataSetFiles.Choose(repository, configuration, names);
        missing = files.FirstOrDefault(file => cache.Find(repository, commit, file) is null) ?? DataSetFiles.MissingPart(files);
        return missing is null ? new HubSnapshot(repository, commit, Path.Combine(snapshot, folder)) : null;
    }

    private bool HasWeights(HubRepository repository, string commit)
    {
        var name = Array.Find(ModelFiles.Weights, file => cache.Find(repository, commit, file) is not null);
        return name is not null
            && ModelFiles.ShardsOf(repository, name, cache.Find(repository, commit, name)!)
                .All(shard => cache.Find(repository, commit, shard) is not null);
    }
}

using ResidualPrompts.Hub.Download;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Hub.Tests;

/// <summary>A fake hub with a small model, and an empty cache.</summary>
public abstract class HubFixture : IAsyncLifetime
{
    internal const string Name = "google/t5-tiny";
    internal const string Token = "hf_secretSecretSecret";

    internal static readonly byte[] Weights = [.. Enumerable.Range(0, 300_000).Select(index => (byte)(index * 31 / 7))];
    internal static readonly byte[] Config = "{\"model_type\":\"t5\"}"u8.ToArray();
    internal static readonly byte[] Spiece = "a tokenizer"u8.ToArray();

    private readonly TemporaryFolder _folder = new();

    internal FakeHub Hub { get; private set; } = null!;

    internal string Commit { get; private set; } = "";

    internal string Cache => _folder.File("hub");

    internal string Repository => Path.Combine(Cache, "models--google--t5-tiny");

    internal string Blobs => Path.Combine(Repository, "blobs");

    public async ValueTask InitializeAsync()
    {
        Hub = await FakeHub.StartAsync();
        Commit = Hub.Commit(Name, ("config.json", Config, false), ("spiece.model", Spiece, true), ("model.safetensors", Weights, true),
            ("tf_model.h5", Weights, true), ("README.md", [1], false));
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Hub.DisposeAsync();
        _folder.Dispose();
    }

    internal HubSettings Settings(bool isOffline = false, string? token = null, bool usesLinks = true, double timeout = 5, Uri? endpoint = null) =>
        new()
        {
            CacheFolder = Cache,
            Endpoint = endpoint ?? Hub.Url,
            IsOffline = isOffline,
            Token = token,
            UsesLinks = usesLinks,
            MetadataTimeout = TimeSpan.FromSeconds(timeout),
            DownloadTimeout = TimeSpan.FromSeconds(timeout),
            RetryDelay = TimeSpan.FromMilliseconds(5),
        };

    internal async Task<HubSnapshot> GetModel(HubSettings? settings = null, string name = Name, string? revision = null)
    {
        using var downloader = new HubDownloader(settings ?? Settings());
        return await downloader.GetModelAsync(name, revision, cancellationToken: TestContext.Current.CancellationToken);
    }

    internal async Task<HubSnapshot> GetDataSet(string name, HubSettings? settings = null, string? revision = null)
    {
        using var downloader = new HubDownloader(settings ?? Settings());
        return await downloader.GetDataSetAsync(HubDataSetName.TryParse(name)!, revision, TestContext.Current.CancellationToken);
    }

    /// <summary>What must hold of a cache at any moment: whatever has a final name is whole.</summary>
    internal void EverythingFinalIsWhole()
    {
        foreach (var blob in Directory.Exists(Blobs) ? Directory.GetFiles(Blobs).Where(path => !path.EndsWith(".incomplete")) : [])
        {
            var content = File.ReadAllBytes(blob);
            Path.GetFileName(blob).Should().Be(Path.GetFileName(blob).Length == 64 ? FakeHub.Sha256(content) : FakeHub.GitSha1(content));
        }
    }
}

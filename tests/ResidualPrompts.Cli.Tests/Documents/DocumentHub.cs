using System.Runtime.CompilerServices;
using System.Text;
using ResidualPrompts.Catalog;
using ResidualPrompts.Hub.Tests;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>The hub of the documents: what they name there, with the bundled model in place of each model, and an empty cache.</summary>
internal sealed class DocumentHub : IAsyncDisposable
{
    private static readonly string[] Models = ["google/t5-base-lm-adapt", "google/t5-v1_1-small"];
    private readonly Dictionary<string, string?> _before = [];
    private readonly FakeHub _hub;

    private DocumentHub(FakeHub hub) => _hub = hub;

    internal int RequestCount => _hub.Requests.Count;

    internal static async Task<DocumentHub> StartAsync(string cache)
    {
        RuntimeHelpers.RunClassConstructor(typeof(InProcess).TypeHandle); // it sets a variable, too, when it is first used
        var hub = new DocumentHub(await FakeHub.StartAsync());
        var files = Directory.GetFiles(BundledModels.Locate("t5-nano"))
            .Select(path => (Path.GetFileName(path), File.ReadAllBytes(path), IsLarge: new FileInfo(path).Length > 100_000)).ToArray();
        foreach (var model in Models)
            hub._hub.Commit(model, files);
        hub._hub.Commit("datasets/aps/super_glue", ("boolq/train.jsonl", Rows(24), true), ("boolq/validation.jsonl", Rows(8), true));
        hub.Set("HF_ENDPOINT", hub._hub.Url.ToString());
        hub.Set("HF_HUB_CACHE", cache);
        hub.Set("HF_HUB_OFFLINE", "0");
        return hub;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (name, value) in _before)
            Environment.SetEnvironmentVariable(name, value);
        await _hub.DisposeAsync();
    }

    private void Set(string name, string value)
    {
        _before[name] = Environment.GetEnvironmentVariable(name);
        Environment.SetEnvironmentVariable(name, value);
    }

    private static byte[] Rows(int count) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i =>
        $"{{\"question\": \"is number {i} even\", \"passage\": \"The number {i} is a number.\", \"idx\": {i}, \"label\": {1 - (i % 2)}}}\n")));
}

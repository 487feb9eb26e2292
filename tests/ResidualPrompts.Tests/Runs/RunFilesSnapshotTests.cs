using System.Text;
using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>The exact files of a run, and the keys in each: what programs that read runs rely on.</summary>
public sealed class RunFilesSnapshotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("prompt")]
    [InlineData("full")]
    [InlineData("prompt-and-weights")]
    public void Files_of_a_run_and_their_keys_are_as_they_were(string kind)
    {
        var spec = new RunSpec
        {
            Task = "subj",
            Model = "t5-nano",
            FewShot = 8,
            ValidationPerClass = 8,
            Epochs = 1,
            Patience = 1,
            SaveDir = _folder.Path,
            SaveName = "run",
        };
        TinyRun.Train(kind switch
        {
            "full" => spec with { Method = TuningMethod.Full },
            "prompt" => spec with { Reparameterization = Reparameterization.Mlp, BottleneckSize = 4 },
            _ => spec with { TrainWeights = "final_layer_norm" },
        });
        var run = _folder.File("run");
        var text = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            text.Append($"{Path.GetRelativePath(run, file)}\n");
            foreach (var key in Keys(file).Distinct())
                text.Append($"  {key}\n");
        }

        Snapshot.Match($"run-{kind}.txt", text.ToString());
    }

    private static IEnumerable<string> Keys(string file) => Path.GetExtension(file) switch
    {
        ".json" => KeysOf(JsonDocument.Parse(File.ReadAllBytes(file)).RootElement, ""),
        ".jsonl" => File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement).SelectMany(row =>
            // whether there is one is chance
            KeysOf(row, row.TryGetProperty("event", out var name) ? $"{name}: " : ""))
                .Where(key => !key.StartsWith("warning: ", StringComparison.Ordinal)),
        ".csv" => File.ReadLines(file).First().Split(','),
        ".safetensors" => TensorNames(file),
        _ => [],
    };

    /// <summary>Paths of keys; what is in lists counts once.</summary>
    private static IEnumerable<string> KeysOf(JsonElement json, string place) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject()
            .SelectMany(pair => KeysOf(pair.Value, $"{place}{pair.Name}.").DefaultIfEmpty($"{place}{pair.Name}")),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(item => KeysOf(item, place)).Distinct(),
        _ => [],
    };

    private static string[] TensorNames(string file)
    {
        using var tensors = SafetensorsFile.Open(file);
        return [.. tensors.Entries.Keys.Order(StringComparer.Ordinal)
            .Concat(tensors.Metadata.Keys.Order(StringComparer.Ordinal).Select(key => $"metadata {key}"))];
    }
}

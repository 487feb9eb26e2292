using System.Text;
using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>The exact files of a run, and the keys in each: what programs that read runs rely on.</summary>
public sealed class RunFilesSnapshotTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("prompt", "--reparameterization", "mlp", "--bottleneck-size", "4")]
    [InlineData("full", "--method", "full")]
    [InlineData("prompt-and-weights", "--train-weights", "final_layer_norm")]
    public async Task Files_of_a_run_and_their_keys_are_as_they_were(string kind, params string[] options)
    {
        var result = await Program.Run([
            "train", "--task", "subj", "--model", "t5-nano", "--few-shot", "8", "--validation-per-class", "8", "--epochs", "1", "--patience", "1", "--save-dir", _folder.Path, "--save-name", "run", .. options]);
        result.ExitCode.Should().Be(0, result.Error);
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
            KeysOf(row, row.TryGetProperty("event", out var name) ? $"{name}: " : "")).Where(key => !key.StartsWith("warning: ", StringComparison.Ordinal)), // whether there is one is chance
        ".csv" => File.ReadLines(file).First().Split(','),
        ".safetensors" => TensorNames(file),
        _ => [],
    };

    /// <summary>Paths of keys; what is in lists counts once.</summary>
    private static IEnumerable<string> KeysOf(JsonElement json, string place) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(pair => KeysOf(pair.Value, $"{place}{pair.Name}.").DefaultIfEmpty($"{place}{pair.Name}")),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(item => KeysOf(item, place)).Distinct(),
        _ => [],
    };

    private static string[] TensorNames(string file)
    {
        using var tensors = SafetensorsFile.Open(file);
        return [.. tensors.Entries.Keys.Order(StringComparer.Ordinal).Concat(tensors.Metadata.Keys.Order(StringComparer.Ordinal).Select(key => $"metadata {key}"))];
    }
}

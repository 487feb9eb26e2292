using System.Text.Json;
using ResidualPrompts.Models.T5;
using ResidualPrompts.ParityTests.Models;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Scoring;

/// <summary>Greedy tokens and label scores against transformers.</summary>
public sealed class GenerationTests
{
    private const double ScoreTolerance = 5e-5;

    public static TheoryData<string, string, ComputeMode, Computing> Cases =>
        [.. from name in new[] { "free_48", "eos", "min_length" } from way in Golden.Ways select (way.Version, name, way.Mode, way.Policy)];

    public static TheoryData<string, ComputeMode, Computing> Versions => [.. Golden.Ways];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generated_tokens_equal_those_of_transformers(string version, string name, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var json = Read(version);
        var golden = json.RootElement.GetProperty("cases").GetProperty(name);
        var ignoreEos = golden.GetProperty("eos_token_id").ValueKind == JsonValueKind.Null;
        var expected = golden.GetProperty("new_tokens").EnumerateArray().Select(row => Ids(row, upToEos: !ignoreEos)).ToArray();
        var options = new GenerationOptions(golden.GetProperty("max_new_tokens").GetInt32(), golden.GetProperty("min_new_tokens")
            .GetInt32(), ignoreEos);

        using var model = Golden.Model(version, mode, computing);
        var tensors = Golden.Tensors("t5", version, "forward.safetensors");
        using var prompt = new PlainPrompt(tensors["prompt"]);
        using var batch = ForwardTests.BatchOf(tensors);
        var generated = new PromptedT5(model, prompt).Generate(batch, options);

        generated.Should().BeEquivalentTo(expected, compare => compare.WithStrictOrdering());
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Label_scores_equal_those_of_transformers(string version, ComputeMode mode, Computing computing)
    {
        using var scope = NewDisposeScope();
        using var json = Read(version);
        var golden = json.RootElement.GetProperty("label_scores");
        var labels = golden.GetProperty("candidates").EnumerateArray().Select(row => Ids(row, upToEos: false)).ToArray();
        var expected = golden.GetProperty("sum_log_prob_fp64").EnumerateArray()
            .Select(row => row.EnumerateArray().Select(x => x.GetDouble()).ToArray()).ToArray();

        using var model = Golden.Model(version, mode, computing);
        var tensors = Golden.Tensors("t5", version, "forward.safetensors");
        using var prompt = new PlainPrompt(tensors["prompt"]);
        using var batch = ForwardTests.BatchOf(tensors);
        var scores = new PromptedT5(model, prompt).ScoreLabels(batch, labels);

        scores.Length.Should().Be(expected.Length);
        for (var row = 0; row < expected.Length; row++)
        {
            for (var label = 0; label < labels.Length; label++)
                scores[row][label].Should().BeApproximately(expected[row][label], ScoreTolerance, $"row {row}, label {label}");
        }
    }

    private static JsonDocument Read(string version) => JsonDocument.Parse(File.ReadAllBytes(Golden.Path("t5", version, "generate.json")));

    private static int[] Ids(JsonElement row, bool upToEos)
    {
        var ids = row.EnumerateArray().Select(id => id.GetInt32()).ToArray();
        var end = upToEos ? Array.IndexOf(ids, 1) : -1;
        return end < 0 ? ids : ids[..(end + 1)];
    }
}

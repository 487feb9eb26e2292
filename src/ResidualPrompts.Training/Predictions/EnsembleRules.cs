using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>Which runs can predict together: those that answer the same question about the same text with the same words.</summary>
internal static class EnsembleRules
{
    private static readonly string[] TaskKeys = ["template", "label_words", "label_field", "compat"];

    /// <summary>The runs in the order of their seeds, in which their probabilities are added, however they were given.</summary>
    /// <exception cref="RunException">They cannot predict together; the message says why.</exception>
    internal static IReadOnlyList<(RunDirectory Directory, RunRecord Record)> Ordered(IReadOnlyList<(RunDirectory Directory, RunRecord Record)> runs)
    {
        if (runs.Count == 1)
            return runs;
        var (first, own) = runs[0];
        foreach (var (directory, record) in runs)
        {
            if (runs.Count(other => other.Directory.Path == directory.Path) > 1)
                throw RunException.NotTogether(directory.Path, "is given more than once");
            if (record.Inputs.Evaluation == EvaluationMode.Generate)
                throw RunException.NotTogether(directory.Path, "generates its answers, which have no probabilities to average");
            if (Differences(own, record) is { Count: > 0 } differing)
                throw RunException.NotTogether(
                    directory.Path, $"has another {string.Join(", ", differing)} than '{ShownText.Value(first.Path)}'");
        }

        return [.. runs.OrderBy(run => run.Record.Spec.Seed).ThenBy(run => run.Record.Spec.FewShotSeed)];
    }

    private static List<string> Differences(RunRecord first, RunRecord second)
    {
        var differing = new List<string>();
        void Compare(string name, bool areEqual)
        {
            if (!areEqual)
                differing.Add(name);
        }

        var (one, other) = (first.Inputs, second.Inputs);
        Compare("model", IsSame(one.ModelDigests, other.ModelDigests));
        Compare("tokenizer", one.TokenizerDigest == other.TokenizerDigest);
        Compare("task", JsonNode.DeepEquals(one.TaskFile, other.TaskFile) && (one.TaskFile is not null || first.Spec.Task == second.Spec.Task));
        var (settings, others) = (RunSpecJson.Write(first.Spec), RunSpecJson.Write(second.Spec));
        foreach (var key in TaskKeys)
            Compare(key, JsonNode.DeepEquals(settings[key], others[key]));
        Compare("set of labels", one.Outcomes.SequenceEqual(other.Outcomes) && IsSame(one.LabelIds, other.LabelIds));
        Compare("length of texts", TextLength(first.Spec) == TextLength(second.Spec));
        return differing;
    }

    private static int TextLength(RunSpec spec) => spec.MaxInputLength - spec.VirtualTokenCount;

    private static bool IsSame<T>(T one, T other) => JsonNode.DeepEquals(
        JsonSerializer.SerializeToNode(one, JsonFormats.SnakeCase), JsonSerializer.SerializeToNode(other, JsonFormats.SnakeCase));
}

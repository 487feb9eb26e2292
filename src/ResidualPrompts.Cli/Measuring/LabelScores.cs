using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Repeated scoring of two labels for examples with the length distribution of BoolQ.</summary>
internal sealed class LabelScores : IDisposable
{
    private const int WarmUpExamples = 8;
    private static readonly int[][] Labels = [[100, 1], [200, 1]];

    private readonly string _name;
    private readonly LoadedBackbone _backbone;
    private readonly SoftPrompt _prompt;
    private readonly List<EncodedExample> _examples;
    private readonly ScoringRequest _request = new(Labels, null);

    /// <summary>Loads a model and creates examples.</summary>
    /// <param name="name">The model.</param>
    /// <param name="count">Number of examples.</param>
    /// <param name="meanLength">Their mean number of text tokens.</param>
    /// <param name="settings">How the model computes, the prompt's length, and the seed.</param>
    internal LabelScores(string name, int count, int meanLength, StepSettings settings)
    {
        _name = name;
        _backbone = LoadedBackbone.Open(name, settings);
        _prompt = StartPrompt.Of(Model, settings.PromptLength, settings.Seed);
        var real = RealLengths.All["boolq"];
        int[] lengths = [.. real.Select(length => Math.Max(2, (int)Math.Round(length * meanLength / real.Average())))];
        _examples = StepExamples.Random(Model.Config, lengths, targetLength: 3, count, settings.Seed);
    }

    internal T5Model Model => _backbone.Model;

    /// <summary>A description of the measurement, to which results are added.</summary>
    internal JsonObject Describe() => new()
    {
        ["model"] = _name,
        ["mode"] = StepSettings.NameOf(Model.Mode),
        ["examples"] = _examples.Count,
        ["mean_tokens"] = _examples.Average(example => example.InputIds.Length),
        ["labels"] = Labels.Length,
    };

    /// <summary>Warms up: scores a few examples, which compiles the code and touches every weight.</summary>
    /// <param name="model">A variant of <see cref="Model"/>; null = itself.</param>
    internal void WarmUp(T5Model? model = null) => _ = ScorerOf(model).Score(_examples.Take(WarmUpExamples), _request).Count();

    /// <summary>Scores all examples.</summary>
    /// <param name="model">A variant of <see cref="Model"/>; null = itself.</param>
    /// <returns>Wall-clock and processor milliseconds per example.</returns>
    internal (double Wall, double Core) Measure(T5Model? model = null)
    {
        var scorer = ScorerOf(model);
        var (wall, core) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        _ = scorer.Score(_examples, _request).Count();
        return (Stopwatch.GetElapsedTime(wall).TotalMilliseconds / _examples.Count,
            (Environment.CpuUsage.TotalTime - core).TotalMilliseconds / _examples.Count);
    }

    public void Dispose()
    {
        _prompt.Dispose();
        _backbone.Dispose();
    }

    private PromptScorer ScorerOf(T5Model? model) => new(model ?? Model, _prompt);
}

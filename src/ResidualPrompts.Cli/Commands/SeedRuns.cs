using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Commands;

/// <summary>Trains one specification with several seeds, one after another, into SAVE_NAME/seed-N.</summary>
internal static class SeedRuns
{
    internal static IReadOnlyList<long> Parse(string text)
    {
        var seeds = new List<long>();
        foreach (var part in text.Split(','))
        {
            if (!long.TryParse(part.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) || seeds.Contains(seed))
                throw new UsageException($"--seeds is {ShownText.Value(text)}, expected different whole numbers separated by commas, such as 0,1,2.");
            seeds.Add(seed);
        }

        return seeds;
    }

    /// <summary>Trains every seed. An interruption ends the whole series.</summary>
    internal static void Run(RunSpec spec, IReadOnlyList<long> seeds, Func<RunSpec, CompletedRun> train)
    {
        var results = new List<RunResult>();
        foreach (var seed in seeds)
        {
            Console.Error.WriteLine($"seed {seed}");
            results.Add(train(SpecOf(spec, seed)).Result);
        }

        Print("validation", [.. results.Select(result => result.Validation)], seeds.Count);
        Print("test", [.. results.Select(result => result.Test)], seeds.Count);
    }

    /// <summary>The settings of one seed.</summary>
    internal static RunSpec SpecOf(RunSpec spec, long seed) =>
        spec with { Seed = seed, SaveDir = Path.Combine(spec.SaveDir, spec.SaveName ?? ""), SaveName = $"seed-{seed}" };

    private static void Print(string split, IReadOnlyList<SplitResult?> results, int seedCount)
    {
        if (results.Contains(null))
            return;
        foreach (var name in results[0]!.Metrics.Keys)
        {
            var values = results.Select(result => result!.Metrics[name]).OfType<double>().ToArray();
            if (values.Length == seedCount)
                Console.WriteLine($"{split,-14} {name} {Statistics.MeanAndDeviation(values)} over {seedCount} seeds");
        }
    }
}

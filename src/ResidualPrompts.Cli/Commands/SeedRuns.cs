using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

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

    /// <summary>Trains every run. An interruption ends the whole series.</summary>
    /// <param name="spec">The settings of all runs.</param>
    /// <param name="seeds">The seeds; null = all runs of a study that is continued.</param>
    /// <param name="mode">What to do when the study exists.</param>
    /// <param name="train">Trains one run of the study, which begins before the run writes anything.</param>
    internal static void Run(RunSpec spec, IReadOnlyList<long>? seeds, RunMode mode, Func<RunSpec, StudyTraining, CompletedRun> train)
    {
        using var study = StudyTraining.Open(spec, seeds, mode);
        var results = new List<RunResult>();
        foreach (var one in study.Specs)
        {
            Console.Error.WriteLine(one.SaveName == $"seed-{one.Seed}" ? $"seed {one.Seed}" : $"run {ShownText.Value(one.SaveName)}");
            results.Add(train(one, study).Result);
            study.Begin(); // a finished run writes nothing
        }

        Print("validation", [.. results.Select(result => result.Validation)]);
        Print("test", [.. results.Select(result => result.Test)]);
    }

    private static void Print(string split, IReadOnlyList<SplitResult?> results)
    {
        if (results.Contains(null))
            return;
        foreach (var name in results[0]!.Metrics.Keys)
        {
            var values = results.Select(result => result!.Metrics[name]).OfType<double>().ToArray();
            if (values.Length == results.Count)
                Console.WriteLine($"{split,-14} {name} {MetricText.MeanAndDeviation(values)} over {results.Count} seeds");
        }
    }
}

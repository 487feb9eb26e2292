using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints the results of a run.</summary>
internal static class RunReport
{
    /// <summary>What a run trains and releases.</summary>
    internal static string Released(bool isFull, bool trainsWeights) => isFull ? "model" : trainsWeights ? "prompt and model" : "prompt";

    internal static void Print(CompletedRun run, RunSpec spec)
    {
        var result = run.Result;
        Console.WriteLine($"run directory  {run.Directory.Path}");
        Console.WriteLine(
            $"released       {result.Released} {Released(spec.Method == TuningMethod.Full, spec.TrainWeights is not null)}, "
                + $"of {result.ReleasedState}, "
                + $"{result.TrainedParameters} trained parameters");
        Print("validation", result.Validation);
        Print("test", result.Test);
        if (result.Baselines is not { } baselines)
            return;
        Print("constant", baselines.Constant, $"every answer \"{ShownText.Value(baselines.Constant.Answer)}\", the most frequent in training");
        Print("untuned", baselines.Untuned, "the model before training, without a prompt");
    }

    /// <summary>Metrics in percent; only terminal output uses percent.</summary>
    internal static string Percent(IReadOnlyDictionary<string, double?> metrics) =>
        string.Join("  ", metrics.Select(metric => $"{metric.Key} {(metric.Value is { } value ? MetricText.Percent(value) : "undefined")}"));

    private static void Print(string name, Baseline baseline, string meaning)
    {
        if (baseline.Result is not { } result)
        {
            Console.WriteLine($"{name,-14} none: {baseline.Missing}");
            return;
        }

        Console.WriteLine($"{name,-14} {Percent(result.Metrics)}  ({meaning})");
        PrintUndefined(result);
    }

    private static void PrintUndefined(SplitResult result)
    {
        foreach (var reason in result.Undefined.GroupBy(pair => pair.Value, pair => pair.Key))
            Console.WriteLine($"{"",-14} {string.Join(", ", reason)}: {reason.Key}");
    }

    private static void Print(string split, SplitResult? result)
    {
        if (result is null)
            return;
        Console.WriteLine($"{split,-14} {Percent(result.Metrics)}  ({result.N} examples, {result.Invalid} invalid)");
        PrintUndefined(result);
        foreach (var note in result.Notes ?? [])
            Console.Error.WriteLine($"note: {split}: {note}");
        if (result.Outcomes.Count is 0 or > 10)
            return;
        var width = result.Outcomes.Max(outcome => outcome.Length) + 2;
        var heads = result.Outcomes.Append("invalid").Select(name => name.PadLeft(Math.Max(width, 9)));
        Console.WriteLine($"{"",-14} {"right \\ predicted".PadRight(18)}{string.Concat(heads)}");
        foreach (var (outcome, counts) in result.Outcomes.Zip(result.Confusion))
            Console.WriteLine($"{"",-14} {outcome,-18}{string.Concat(counts.Select(count => $"{count}".PadLeft(Math.Max(width, 9))))}");
    }
}

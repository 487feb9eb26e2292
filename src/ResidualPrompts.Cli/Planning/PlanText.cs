using System.Globalization;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Runs.Planning;

namespace ResidualPrompts.Cli.Planning;

/// <summary>The parts of a plan in words.</summary>
internal static class PlanText
{
    private const int MostClasses = 6;
    private const int MostIds = 24;

    /// <summary>Rows, classes and where they came from: <c>60 rows (no 30, yes 30) of the 8000 of train.jsonl</c>.</summary>
    internal static string Rows(SplitPlan split)
    {
        var files = split.Files.Count == 0 ? $"{split.Source} rows".ToLowerInvariant() : string.Join(", ", split.Files.Select(Path.GetFileName));
        var origin = split.Origin switch
        {
            SplitOriginKind.HeldOut => $"held out of the {split.SourceRows} of {files}",
            SplitOriginKind.Half => $"half of the {split.SourceRows} of {files}",
            _ when split.Rows == split.SourceRows => $"all of {files}",
            _ => $"of the {split.SourceRows} of {files}",
        };
        var classes = split.Classes.Take(MostClasses).Select(pair => $"{ShownText.Value(pair.Key, 20)} {pair.Value}")
            .Concat(split.Classes.Count > MostClasses ? [$"… ({split.Classes.Count} classes)"] : [])
            .Concat(split.UnlabeledRows > 0 ? [$"without label {split.UnlabeledRows}"] : []).ToArray();
        var rows = split.Rows == 1 ? "1 row" : $"{split.Rows} rows";
        return $"{rows}{(classes.Length == 0 ? "" : $" ({string.Join(", ", classes)})")}, {ShownText.Value(origin)}";
    }

    /// <summary>Cut texts and unknown pieces.</summary>
    internal static string Texts(SplitPlan split) => split.Texts is not { } texts ? "not encoded"
        : $"{texts.Cut} of {split.Rows} texts cut ({MetricText.Percent(texts.CutShare)})"
            + (texts.UnknownShare is { } share ? $", {texts.UnknownPieces} of {texts.Pieces} pieces unknown ({MetricText.Percent(share)})" : "")
            + $", longest {texts.LongestTokens} tokens, mean {texts.MeanTokens.ToString("0", CultureInfo.InvariantCulture)}";

    /// <summary>Text and target of a row; its ids where it has no text.</summary>
    internal static string Example(PlannedExample example) => example.Text is { } text
        ? $"\"{ShownText.Value(text)}\" → \"{ShownText.Value(example.Target)}\""
        : $"{Ids(example.InputIds)} → {Ids(example.TargetIds)}";

    internal static string Ids(int[] ids) =>
        $"[{string.Join(", ", ids.Take(MostIds))}{(ids.Length > MostIds ? $", … {ids.Length} ids" : "")}]";

    internal static string Parameters(ParameterPlan parameters)
    {
        var parts = new[] { ("prompt", parameters.Prompt), ("network", parameters.Network), ("weights of the T5", parameters.Weights) }
            .Where(part => part.Item2 > 0).Select(part => $"{part.Item1} {Number(part.Item2)}").ToArray();
        return $"{Number(parameters.Total)} trained parameters{(parts.Length > 1 ? $" ({string.Join(", ", parts)})" : "")}";
    }

    internal static string Steps(StepPlan steps) =>
        $"{(steps.Patience is null ? "" : "at most ")}{Counted(steps.Total, "step")} ({steps.PerEpoch} per epoch, {Counted(steps.Epochs, "epoch")}), "
            + (steps.Evaluations == 0 ? "no validation" : Counted(steps.Evaluations, "validation"));

    /// <summary>What a run takes on disk, and what is free.</summary>
    internal static string Disk(DiskPlan disk) => $"{FileSize.Text(disk.Bytes)} on disk, {FileSize.Text(disk.LargestBytes)} while it is written"
        + (disk.AvailableBytes is { } available ? $", {FileSize.Text(available)} free" : "");

    /// <summary>That the disk has not enough room for all runs; null where it has, or where the system does not tell.</summary>
    /// <param name="disk">The files of one run.</param>
    /// <param name="count">Number of runs.</param>
    internal static string? TooFull(DiskPlan disk, int count)
    {
        var needed = ((count - 1) * disk.Bytes) + disk.LargestBytes;
        return disk.AvailableBytes is { } available && available < needed
            ? $"the disk has {FileSize.Text(available)} free, but {FileSize.Text(needed)} are needed: free some space, or choose another --save-dir"
            : null;
    }

    /// <summary>The estimated time with its parts.</summary>
    internal static string Time(PlanEstimate estimate, StepPlan steps)
    {
        var parts = new[]
        {
            $"{Seconds(estimate.StepSeconds)} a step",
            estimate.EvaluationSeconds > 0 ? $"{Seconds(estimate.EvaluationSeconds)} a validation" : null,
            estimate.TestSeconds > 0 ? $"{Seconds(estimate.TestSeconds)} for the test rows" : null,
        };
        return $"{(steps.Patience is null ? "about" : "at most about")} {Seconds(estimate.Seconds)} ({string.Join(", ", parts.OfType<string>())})"
            + (estimate.BaselineSeconds > 0 ? $", then {Seconds(estimate.BaselineSeconds)} for the untuned model" : "");
    }

    internal static string Memory(PlanEstimate estimate) =>
        estimate.PeakMemoryBytes is { } bytes ? $"about {FileSize.Text(bytes)} at its peak" : "not known on this system";

    /// <summary>A duration in its two largest units.</summary>
    internal static string Seconds(double seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return time.TotalDays >= 1 ? $"{(int)time.TotalDays} d {time.Hours} h"
            : time.TotalHours >= 1 ? $"{time.Hours} h {time.Minutes} min"
            : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s"
            : seconds >= 10 ? $"{time.Seconds} s"
            : seconds >= 1 ? $"{seconds.ToString("0.0", CultureInfo.InvariantCulture)} s"
            : $"{(seconds * 1000).ToString(seconds >= 0.01 ? "0" : "0.0", CultureInfo.InvariantCulture)} ms";
    }

    /// <summary>A number of things: <c>1 step</c>, <c>5,000 steps</c>.</summary>
    private static string Counted(long count, string thing) => $"{Number(count)} {thing}{(count == 1 ? "" : "s")}";

    internal static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

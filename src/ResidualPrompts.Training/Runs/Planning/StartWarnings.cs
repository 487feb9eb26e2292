using System.Globalization;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>What can be said about a run before its first step, from its settings and rows alone.</summary>
internal static class StartWarnings
{
    /// <summary>With fewer validation rows, one row moves the metric by more than 10 points.</summary>
    internal const int FewestValidationRows = 10;

    /// <summary>The warnings, in the order in which a reader wants them: rows first, then settings.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="rows">The rows.</param>
    internal static IReadOnlyList<WarningRaised> Of(RunSpec spec, RunRows rows) =>
    [
        .. OfFindings(spec, rows), .. OfClasses(rows), .. OfFewValidationRows(spec, rows), .. OfInertSettings(spec, rows),
    ];

    /// <summary>What the rows decide about the settings.</summary>
    internal static InertSettings.DataFacts FactsOf(RunRows rows) => new(
        Validates: rows.Splits.Validation is not null,
        HasValidationSplit: rows.Source.Has(DataSplit.Validation),
        BringsIds: rows.Task is null,
        HasText: rows.Path is null || rows.Source.Files.Values.SelectMany(files => files).Any(file => !ExampleFile.IsParquet(file)));

    private static IEnumerable<WarningRaised> OfFindings(RunSpec spec, RunRows rows)
    {
        foreach (var finding in rows.Splits.Findings)
        {
            switch (finding.Surprise)
            {
                case SplitSurprise.UnreadFile when spec.Data is not null: // a task knows the files of its own data
                    yield return Warning(TrainingSymptom.UnreadFile, finding.Message);
                    break;
                case SplitSurprise.SmallTrainingClass:
                    yield return Warning(TrainingSymptom.SmallClass, $"few_shot: {finding.Message}", AtMost("few_shot", finding.Available));
                    break;
                case SplitSurprise.SmallValidationClass:
                    yield return Warning(
                        TrainingSymptom.SmallClass, $"validation_per_class: {finding.Message}", AtMost("validation_per_class", finding.Available));
                    break;
                case SplitSurprise.NothingHeldOut:
                    yield return Warning(
                        TrainingSymptom.NoValidationRows, $"{finding.Message.TrimEnd('.')}: no epoch is validated, and the last one is released");
                    break;
            }
        }
    }

    private static IEnumerable<WarningRaised> OfClasses(RunRows rows)
    {
        // Tasks that train on one label alone, as WSC does, mean it.
        if (rows.Task?.TrainingLabel is not null || rows.Task?.OpenTarget is not null)
            yield break;
        string?[] classes = [.. rows.Splits.Train.Select(rows.ClassOf).Distinct().Take(2)];
        if (classes is [{ } only])
        {
            yield return Warning(
                TrainingSymptom.OneClass,
                $"all {rows.Splits.Train.Count} training rows have the label '{ShownText.Value(only)}': a prompt can learn nothing but this answer");
        }
    }

    private static IEnumerable<WarningRaised> OfFewValidationRows(RunSpec spec, RunRows rows)
    {
        if (rows.Splits.Validation is not { Count: < FewestValidationRows } few || spec.Release != ReleasedState.Best)
            yield break;
        List<Remedy.SetSetting> remedies = [new("release", "last")];
        var heldOut = spec.ValidationFromTrain || !rows.Source.Has(DataSplit.Validation);
        if (heldOut && spec.ValidationFraction < 0.5 && rows.Splits.Train.Count > FewestValidationRows)
            remedies.Add(new Remedy.SetSetting("validation_fraction", Hint: "a larger share"));
        if (spec.ValidationPerClass is not null)
            remedies.Add(new Remedy.SetSetting("validation_per_class", Hint: "more"));
        yield return Warning(
            TrainingSymptom.FewValidationRows,
            string.Create(CultureInfo.InvariantCulture,
                $"{(few.Count == 1 ? "1 validation row chooses" : $"{few.Count} validation rows choose")} the best epoch, which is mostly chance: "
                + $"use {string.Join(", or ", remedies.Select(Worded))}"),
            [.. remedies]);
    }

    private static IEnumerable<WarningRaised> OfInertSettings(RunSpec spec, RunRows rows) =>
        InertSettings.Given(spec, FactsOf(rows)).Select(pair => Warning(
            TrainingSymptom.InertSetting, $"{pair.Key} has no effect {pair.Value}", new Remedy.SetSetting(pair.Key, Hint: "its default")));

    private static string Worded(Remedy.SetSetting remedy) =>
        remedy.Value is { } value ? $"{remedy.Name} {value}" : $"{remedy.Hint} as {remedy.Name}";

    private static Remedy.SetSetting AtMost(string key, int? count) =>
        new(key, Hint: string.Create(CultureInfo.InvariantCulture, $"at most {count}"));

    private static WarningRaised Warning(TrainingSymptom symptom, string message, params IReadOnlyList<Remedy.SetSetting> remedies) =>
        new(0, 0, symptom, message) { Remedies = remedies };
}

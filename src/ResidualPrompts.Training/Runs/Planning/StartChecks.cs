using ResidualPrompts.Data;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Planning;

/// <summary>What is refused as soon as the rows are known, before a model is loaded.</summary>
internal static class StartChecks
{
    /// <summary>Refuses settings that the rows cannot fulfil.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="isNew">Whether no run is continued; a run of an earlier version may have begun without what is required.</param>
    /// <exception cref="RunSpecException">A test score is asked for without a test split, or patience without validation rows.</exception>
    internal static void Require(RunSpec spec, RunRows rows, bool isNew)
    {
        if (!isNew)
            return;
        if (spec.Test && rows.Splits.Test is null)
            throw RunSpecException.With("test", $"has nothing to score: {rows.Name} has no test split", [.. TestRemedies(rows)]);
        if (spec.Patience is not null && rows.Splits.Validation is null)
            throw RunSpecException.With("patience", "has nothing to watch: the run has no validation rows", [.. ValidationRemedies(spec, rows)]);
    }

    /// <summary>What gives a run validation rows.</summary>
    internal static IEnumerable<Remedy> ValidationRemedies(RunSpec spec, RunRows rows)
    {
        if (spec.ValidationFraction == 0 && rows.Splits.Train.Count > 1)
            yield return new Remedy.SetSetting("validation_fraction", Hint: "a share above 0");
        else
            yield return new Remedy.Act("add a validation file to the data");
    }

    private static IEnumerable<Remedy> TestRemedies(RunRows rows)
    {
        if (rows.Splits.Validation is { Count: > 1 })
            yield return new Remedy.SetSetting("test_from_validation", "true", "half of the validation rows may test");
        if (rows.Source.Has(DataSplit.Validation) && rows.Splits.Train.Count > 1)
            yield return new Remedy.SetSetting("validation_from_train", "true", "the validation split may test");
        yield return new Remedy.Act("leave it out");
    }
}

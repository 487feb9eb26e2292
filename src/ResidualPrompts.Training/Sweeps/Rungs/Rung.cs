using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps.Rungs;

/// <summary>A budget at which halving compares: epochs, or steps.</summary>
/// <param name="Length">How many.</param>
/// <param name="InSteps">Whether they are steps.</param>
internal readonly record struct Rung(long Length, bool InSteps)
{
    private const string Unit = "steps";

    /// <summary>The settings of a run that ends at this rung.</summary>
    internal RunSpec Of(RunSpec spec) => InSteps
        ? spec with { Epochs = null, MaxSteps = Length }
        : spec with { Epochs = checked((int)Length), MaxSteps = null };

    /// <summary>The updates of a run that ends at this rung.</summary>
    /// <param name="spec">Its settings.</param>
    /// <param name="trainCount">Its training rows.</param>
    internal long StepsOf(RunSpec spec, int trainCount) => RunLength.Of(Of(spec), trainCount).LastStep;

    /// <summary>Reads <c>6</c> or <c>200steps</c>.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out Rung? rung)
    {
        var inSteps = text.EndsWith(Unit, StringComparison.Ordinal);
        var number = inSteps ? text[..^Unit.Length] : text;
        rung = long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length >= 1
            && (inSteps || length <= 1_000_000)
            ? new Rung(length, inSteps)
            : null;
        return rung is not null;
    }

    /// <summary>Whether the rung may stand after others. Epochs and steps can be compared only once the training rows are known.</summary>
    internal bool MayFollow(IReadOnlyList<Rung> before) => before.Count == 0 || before[^1].InSteps != InSteps || before[^1].Length < Length;

    /// <summary>Reads two or more growing rungs, separated by commas; null where the text is none.</summary>
    internal static IReadOnlyList<Rung>? ParseList(string text)
    {
        var rungs = new List<Rung>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParse(item, out var rung) || !rung.Value.MayFollow(rungs))
                return null;
            rungs.Add(rung.Value);
        }

        return rungs.Count > 1 ? rungs : null;
    }

    /// <summary>The rung as it is written.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Length}{(InSteps ? Unit : "")}");
}

namespace ResidualPrompts.Runs.Settings;

/// <summary>How long a run is and when it is evaluated, in steps: its settings together with the number of its training rows.</summary>
/// <param name="StepsPerEpoch">Updates of one pass over the training data.</param>
/// <param name="LastStep">The last update, unless patience ends the run earlier.</param>
/// <param name="EvaluateEvery">Updates between evaluations; the last one is always evaluated.</param>
internal readonly record struct RunLength(int StepsPerEpoch, long LastStep, long EvaluateEvery)
{
    /// <summary>Begun passes over the data.</summary>
    internal int EpochCount => checked((int)((LastStep + StepsPerEpoch - 1) / StepsPerEpoch));

    /// <summary>The length of a run.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="trainCount">Number of training rows.</param>
    internal static RunLength Of(RunSpec spec, int trainCount)
    {
        var perEpoch = Math.Max(1, spec.StepsPerEpoch(trainCount));
        var length = new RunLength(
            perEpoch, Math.Min(spec.Epochs is { } epochs ? (long)epochs * perEpoch : long.MaxValue, spec.MaxSteps ?? long.MaxValue), 0);
        // The default follows the length as in the original.
        var every = spec.EvaluateEvery ?? (length.EpochCount <= 50 ? 1 : length.EpochCount <= 200 ? 5 : 25);
        return length with { EvaluateEvery = spec.EvaluateEverySteps ?? ((long)every * perEpoch) };
    }

    /// <summary>Which of two given limits ends the run, in words; null where only one is given.</summary>
    /// <param name="spec">The settings.</param>
    internal string? Decision(RunSpec spec) => spec is not { Epochs: { } epochs, MaxSteps: { } steps } ? null
        : steps < (long)epochs * StepsPerEpoch
            ? $"The run ends after {steps} steps, in epoch {EpochCount}: max_steps comes before epochs, which would be "
                + $"{(long)epochs * StepsPerEpoch} steps."
            : $"The run ends after {epochs} epochs, which are {LastStep} steps: epochs comes before max_steps, which would be {steps}.";
}

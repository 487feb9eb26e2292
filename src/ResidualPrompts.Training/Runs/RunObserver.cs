using ResidualPrompts.Adapters;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>What somebody who watches a run is told before its first step.</summary>
/// <param name="Directory">The run directory; null for a run in memory.</param>
/// <param name="TrainCount">Examples that train.</param>
/// <param name="ValidationCount">Examples that validate, 0 without a validation split.</param>
/// <param name="StepsPerEpoch">Updates of an epoch.</param>
/// <param name="EpochCount">Passes over the data.</param>
/// <param name="TrainedParameters">Numbers that train.</param>
/// <param name="CompletedSteps">Updates that a resumed run has behind it.</param>
/// <param name="Notes">What the user should know.</param>
public sealed record RunStart(
    RunDirectory? Directory, int TrainCount, int ValidationCount, int StepsPerEpoch, int EpochCount, long TrainedParameters, long CompletedSteps, IReadOnlyList<string> Notes);

/// <summary>Watches a run. It may throw: it is then asked no more, and the run goes on.</summary>
/// <param name="OnStart">Before the first step, or null.</param>
/// <param name="OnEvent">After each event has been written to the log, or null.</param>
public sealed record RunObserver(Action<RunStart>? OnStart = null, Action<TrainingEvent>? OnEvent = null)
{
    /// <summary>What the adapter's card says about use by the program that trains, in Markdown; null = nothing. Is asked once, when the prompt is released.</summary>
    public Func<PromptContract, string>? CardUsage { get; init; }
}

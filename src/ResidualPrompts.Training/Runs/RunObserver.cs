using ResidualPrompts.Adapters;
using ResidualPrompts.Data;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>The facts that an observer of a run receives before its first step.</summary>
/// <param name="Directory">The run directory; null for a run in memory.</param>
/// <param name="TrainCount">Number of training examples.</param>
/// <param name="ValidationCount">Number of validation examples; 0 without a validation split.</param>
/// <param name="StepsPerEpoch">Optimizer updates per epoch.</param>
/// <param name="EpochCount">Passes over the data; the last one may be incomplete.</param>
/// <param name="TrainedParameters">Number of trained parameters.</param>
/// <param name="CompletedSteps">Optimizer updates made before a resumed run continues.</param>
/// <param name="Notes">Notes for the user.</param>
public sealed record RunStart(
    RunDirectory? Directory, int TrainCount, int ValidationCount, int StepsPerEpoch, int EpochCount, long TrainedParameters,
        long CompletedSteps, IReadOnlyList<string> Notes)
{
    /// <summary>What may go wrong, as far as settings and rows tell; also in <c>warnings</c> of run.json.</summary>
    public IReadOnlyList<WarningRaised> Warnings { get; init; } = [];

    /// <summary>Optimizer updates of the entire run.</summary>
    public long StepCount { get; init; }

    /// <summary>Which of two given limits ends the run, in a sentence; null where only one is given.</summary>
    public string? Length { get; init; }

    /// <summary>What the run will do.</summary>
    internal TrainingPlan? Plan { get; init; }
}

/// <summary>Observes a run. After an exception the observer is no longer called, and the run continues.</summary>
/// <param name="OnStart">Called before the first step, or null.</param>
/// <param name="OnEvent">Called after each event has been written to the log, or null.</param>
public sealed record RunObserver(Action<RunStart>? OnStart = null, Action<TrainingEvent>? OnEvent = null)
{
    /// <summary>Called when all checks have passed, before anything is written, or null. Its exceptions end the run.</summary>
    internal Action? OnReady { get; init; }

    /// <summary>
    /// Called before libtorch, the model and the data are loaded, or null. A run that is refused or already finished loads nothing.
    /// </summary>
    internal Action? OnLoading { get; init; }

    /// <summary>Called before a split is evaluated, during training and after it, or null.</summary>
    internal Action<DataSplit>? OnEvaluating { get; init; }

    /// <summary>
    /// Gives the Markdown on use by the training program for the adapter's card; null = nothing. Called once, when the prompt is released.
    /// </summary>
    public Func<PromptContract, string>? CardUsage { get; init; }

    /// <summary>Called once after the first steps, with the time and the memory of the steps that are left; null = nothing.</summary>
    internal Action<PlanEstimate>? OnEstimate { get; init; }

    /// <summary>Calls <see cref="OnLoading"/>.</summary>
    internal void TellLoading()
    {
        try
        {
            OnLoading?.Invoke();
        }
        catch (Exception)
        {
            // A display must never end a run.
        }
    }
}

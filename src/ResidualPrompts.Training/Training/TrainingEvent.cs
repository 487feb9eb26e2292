namespace ResidualPrompts.Training;

/// <summary>
/// An event of a training run. The set is closed: displays and logs of a run receive these events and nothing else.
/// Numbers are fractions; steps count optimizer updates and epochs count passes over the data, both from 1.
/// </summary>
public abstract record TrainingEvent
{
    private protected TrainingEvent()
    {
    }
}

/// <summary>One optimizer update.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Loss">Mean cross-entropy over the target tokens of the batch, before the update.</param>
/// <param name="GradientNorm">L2 norm of all gradients before clipping.</param>
/// <param name="ExampleCount">Examples of the batch.</param>
/// <param name="TokenCount">Input tokens of the batch, virtual ones included, padding not.</param>
/// <param name="DurationSeconds">Time of the step.</param>
public sealed record StepCompleted(
    long Step, int Epoch, double Loss, double GradientNorm, int ExampleCount, int TokenCount, double DurationSeconds) : TrainingEvent;

/// <summary>One evaluation during training.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The epoch of its last step.</param>
/// <param name="Split">The evaluated split.</param>
/// <param name="Metrics">Values by name; null where undefined.</param>
/// <param name="ExampleCount">Number of examples.</param>
/// <param name="InvalidCount">Number of answers that are not a label.</param>
/// <param name="IsBest">Whether it is the best so far.</param>
/// <param name="DurationSeconds">Time of the evaluation.</param>
public sealed record EvaluationCompleted(
    long Step, int Epoch, string Split, IReadOnlyDictionary<string, double?> Metrics, int ExampleCount, int InvalidCount,
        bool IsBest, double DurationSeconds) : TrainingEvent
{
    internal const string Validation = "validation";

    /// <summary>Whether the validation rows were scored, while the run trained; else the test rows, after it.</summary>
    internal bool IsValidation => Split == Validation;
}

/// <summary>A completed pass over the training data.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The completed epoch.</param>
/// <param name="MeanLoss">Mean of the losses of its steps.</param>
public sealed record EpochCompleted(long Step, int Epoch, double MeanLoss) : TrainingEvent;

/// <summary>Training ended before its last step because validation no longer improved.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The last epoch.</param>
/// <param name="EvaluationCount">Evaluations without improvement.</param>
public sealed record PatienceExhausted(long Step, int Epoch, int EvaluationCount) : TrainingEvent;

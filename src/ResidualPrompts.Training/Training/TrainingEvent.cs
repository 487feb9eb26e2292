namespace ResidualPrompts.Training;

/// <summary>
/// What happened in a training run. A closed set: whoever shows or stores a run renders these, and nothing else passes between them.
/// Numbers are fractions; the step counts optimizer updates from 1, the epoch passes over the data from 1.
/// </summary>
public abstract record TrainingEvent
{
    private protected TrainingEvent()
    {
    }
}

/// <summary>One optimizer update.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The pass that it belongs to.</param>
/// <param name="Loss">Mean cross-entropy over the target tokens of the batch, before the update.</param>
/// <param name="GradientNorm">L2 norm of all gradients before clipping.</param>
/// <param name="ExampleCount">Examples of the batch.</param>
/// <param name="TokenCount">Input tokens of the batch, virtual ones included, padding not.</param>
/// <param name="DurationSeconds">Time of the step.</param>
public sealed record StepCompleted(
    long Step, int Epoch, double Loss, double GradientNorm, int ExampleCount, int TokenCount, double DurationSeconds) : TrainingEvent;

/// <summary>One evaluation of the prompt as it is in training.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The pass just completed.</param>
/// <param name="Split">What was evaluated.</param>
/// <param name="Metrics">By name; null where undefined.</param>
/// <param name="ExampleCount">Examples.</param>
/// <param name="InvalidCount">Answers that are no label.</param>
/// <param name="IsBest">Whether it is the best so far.</param>
/// <param name="DurationSeconds">Time of the evaluation.</param>
public sealed record EvaluationCompleted(
    long Step, int Epoch, string Split, IReadOnlyDictionary<string, double?> Metrics, int ExampleCount, int InvalidCount, bool IsBest, double DurationSeconds) : TrainingEvent;

/// <summary>One pass over the training data.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The pass.</param>
/// <param name="MeanLoss">Mean of the losses of its steps.</param>
public sealed record EpochCompleted(long Step, int Epoch, double MeanLoss) : TrainingEvent;

/// <summary>Training ended before its last epoch because validation did not improve any more.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The last pass.</param>
/// <param name="EvaluationCount">Evaluations without improvement.</param>
public sealed record PatienceExhausted(long Step, int Epoch, int EvaluationCount) : TrainingEvent;

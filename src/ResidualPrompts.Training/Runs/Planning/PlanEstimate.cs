namespace ResidualPrompts.Runs.Planning;

/// <summary>Time and memory of a run, from steps and evaluations that were measured.</summary>
/// <param name="Seconds">
/// The run from its first step to its end, as <c>duration_seconds</c> of run.json; without patience, and without the baselines.
/// </param>
/// <param name="StepSeconds">One step after the first ones.</param>
/// <param name="EvaluationSeconds">One evaluation of the validation rows; 0 without them.</param>
/// <param name="TestSeconds">Scoring the test rows; 0 where they are not scored.</param>
/// <param name="BaselineSeconds">
/// Scoring the untuned model on the test rows, after the run's own scores; 0 where they are not scored, or where its score is kept.
/// </param>
/// <param name="SavingSeconds">All checkpoints and the release.</param>
/// <param name="PeakMemoryBytes">The largest resident memory of the process; null where the system does not tell it.</param>
/// <param name="MeasuredSteps">Steps that were measured.</param>
/// <param name="ThreadCount">Threads that they were measured with.</param>
internal sealed record PlanEstimate(
    double Seconds, double StepSeconds, double EvaluationSeconds, double TestSeconds, double BaselineSeconds, double SavingSeconds,
    long? PeakMemoryBytes, int MeasuredSteps, int ThreadCount);

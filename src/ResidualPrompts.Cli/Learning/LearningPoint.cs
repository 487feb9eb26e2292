using ResidualPrompts.Cli.Measuring;

namespace ResidualPrompts.Cli.Learning;

/// <summary>The evaluation of all seeds of a method after the same number of steps.</summary>
/// <param name="Step">Optimizer updates so far.</param>
/// <param name="Metric">The metric over the seeds, as a fraction.</param>
/// <param name="Seconds">The time of the steps so far over the seeds, without evaluations.</param>
internal sealed record LearningPoint(long Step, Spread Metric, Spread Seconds);

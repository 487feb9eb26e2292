namespace ResidualPrompts.Sweeps;

/// <summary>
/// The second stage of a group: once its first runs are done, the best value of some settings by validation gets more seeds.
/// </summary>
/// <param name="Choose">The settings to choose.</param>
/// <param name="Metric">The metric of the validation split; null = the task's first one.</param>
/// <param name="Seeds">The seeds of the best setting.</param>
internal sealed record SweepRefinement(IReadOnlyList<string> Choose, string? Metric, IReadOnlyList<SweepSetting> Seeds);

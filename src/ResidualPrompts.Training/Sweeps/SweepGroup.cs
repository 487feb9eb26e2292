namespace ResidualPrompts.Sweeps;

/// <summary>Runs that a report shows together.</summary>
/// <param name="Name">Its name in the file; empty for the one group of a file without groups.</param>
/// <param name="Label">Its name in reports.</param>
/// <param name="Entries">The runs, in the order in which they are planned: the seeds of a setting follow each other.</param>
/// <param name="Refine">The second stage; null = none.</param>
internal sealed record SweepGroup(string Name, string Label, IReadOnlyList<SweepEntry> Entries, SweepRefinement? Refine);

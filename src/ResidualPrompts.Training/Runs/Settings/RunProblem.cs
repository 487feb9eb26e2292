namespace ResidualPrompts.Runs.Settings;

/// <summary>One thing that is wrong with the settings of a run.</summary>
/// <param name="Key">The setting, in snake_case.</param>
/// <param name="Message">What it is, and what is expected.</param>
public sealed record RunProblem(string Key, string Message);

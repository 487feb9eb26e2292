namespace ResidualPrompts.Runs.Settings;

/// <summary>A problem with one setting of a run.</summary>
/// <param name="Key">The setting, in snake_case.</param>
/// <param name="Message">The actual and the expected value.</param>
public sealed record RunProblem(string Key, string Message);

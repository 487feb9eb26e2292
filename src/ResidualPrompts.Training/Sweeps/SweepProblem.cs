using System.Globalization;

namespace ResidualPrompts.Sweeps;

/// <summary>A problem with one place of a sweep file.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The character in the line, from 1.</param>
/// <param name="Path">The JSON path, such as <c>axes.learning_rate[2]</c>; empty for the whole file.</param>
/// <param name="Message">What is wrong, as a sentence without its period.</param>
internal sealed record SweepProblem(int Line, int Column, string Path, string Message)
{
    /// <summary>The problem as editors find it: <c>sweep.json:3:5: axes.learning_rate[2]: …</c></summary>
    internal string In(string file) => string.Create(
        CultureInfo.InvariantCulture, $"{file}:{Line}:{Column}: {(Path.Length == 0 ? "" : ShownText.Value(Path) + ": ")}{Message}.");
}

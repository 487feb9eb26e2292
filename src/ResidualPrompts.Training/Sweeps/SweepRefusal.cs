using System.Globalization;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>Refuses a sweep file with all of its problems at once.</summary>
internal static class SweepRefusal
{
    private const int MostListed = 40;

    /// <summary>A file that cannot be read.</summary>
    internal static RunSpecException Unreadable(string path, string reason) =>
        RunSpecException.File(ProblemKind.Inaccessible, [$"'{path}' cannot be read: {reason}"]);

    /// <summary>A file that says something which cannot be run.</summary>
    /// <param name="path">The file, as it was named.</param>
    /// <param name="problems">The problems, in any order.</param>
    internal static RunSpecException Of(string path, IEnumerable<SweepProblem> problems)
    {
        SweepProblem[] sorted = [.. problems.Distinct().OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];
        var lines = sorted.Take(MostListed).Select(problem => problem.In(path));
        if (sorted.Length > MostListed)
            lines = lines.Append(string.Create(CultureInfo.InvariantCulture, $"{path}: {sorted.Length - MostListed} more problems."));
        return RunSpecException.File(ProblemKind.Invalid, lines);
    }
}

using System.Text.Json;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps.Reading;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Sweeps;

/// <summary>
/// Many runs from one file: what a sweep file says, read and checked as far as it can be without data and models. Paths in it are relative to it.
/// </summary>
/// <param name="Path">The file, as it was named.</param>
/// <param name="SaveDir">The full path of the folder in which the runs lie.</param>
/// <param name="Groups">The groups, at least one, with their runs.</param>
internal sealed record SweepFile(string Path, string SaveDir, IReadOnlyList<SweepGroup> Groups)
{
    /// <summary>Most runs of a file; an axis too many makes more than anybody trains.</summary>
    internal const int MostRuns = 100_000;

    private const int LongestFile = 4 << 20;

    /// <summary>Compute threads of each run; null = the engine decides.</summary>
    internal int? Threads { get; init; }

    /// <summary>Which runs are trained to which budgets; null = every run to its own.</summary>
    internal Halving? Halving { get; init; }

    /// <summary>The settings that the file varies, so that names need them.</summary>
    internal IReadOnlySet<string> Varied { get; init; } = new HashSet<string>();

    /// <summary>What is not wrong and perhaps not meant, one sentence each.</summary>
    internal IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The full path of the file's folder.</summary>
    internal string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="RunSpecException">It cannot be read, or something in it is wrong; the message lists every problem with its place.</exception>
    internal static SweepFile Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            return new SweepFileReader(path).Read(PlacedJson.Parse(PlainFile.ReadNamed(path, LongestFile)));
        }
        catch (JsonException e)
        {
            var (line, column) = ((e.LineNumber ?? 0) + 1, (e.BytePositionInLine ?? 0) + 1);
            throw SweepRefusal.Of(path, [new SweepProblem((int)line, (int)column, e.Path?.TrimStart('$', '.') ?? "", JsonProblem.Text(e))]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SweepRefusal.Unreadable(path, e.Message);
        }
    }
}

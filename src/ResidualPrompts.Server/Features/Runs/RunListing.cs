using System.Text.Json.Nodes;
using ResidualPrompts.Runs;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>A run in the answer of <c>GET /v1/runs</c>.</summary>
/// <param name="Name">Its path relative to the directory of runs.</param>
/// <param name="Status">Its status; null if its record is damaged.</param>
/// <param name="Settings">All settings.</param>
/// <param name="Result">The result; null until the run is finished.</param>
/// <param name="Problem">The damage of its record, or null.</param>
/// <param name="Group">The name shared by runs that differ in their seeds alone; null if its record is damaged.</param>
internal sealed record RunDescription(string Name, string? Status, JsonObject? Settings, RunResult? Result, string? Problem, string? Group);

/// <summary>The answer of <c>GET /v1/runs</c>.</summary>
internal sealed record RunList(IReadOnlyList<RunDescription> Runs);

/// <summary>Describes runs. A record is read again only when its file has changed, so that polling hundreds of runs stays cheap.</summary>
internal sealed class RunListing
{
    private readonly Lock _lock = new();
    private Dictionary<string, Entry> _known = [];

    /// <summary>Records read so far.</summary>
    internal long ReadCount { get; private set; }

    /// <summary>Describes runs in the given order.</summary>
    /// <param name="runs">The runs by name.</param>
    internal RunList Of(IReadOnlyDictionary<string, RunDirectory> runs)
    {
        lock (_lock)
        {
            _known = runs.ToDictionary(run => run.Key, run => EntryOf(run.Key, run.Value)); // forgets runs that are gone
            var groups = RunGroup.Of([.. _known.Values.Select(entry => entry.Summary).OfType<RunSummary>()]);
            var names = groups.Zip(RunGroup.Names(groups))
                .SelectMany(pair => pair.First.Runs.Select(run => (run.Path, pair.Second))).ToDictionary(pair => pair.Path, pair => pair.Second);
            return new RunList([.. runs.Keys.Select(name => Describe(name, _known[name], names.GetValueOrDefault(name)))]);
        }
    }

    private static RunDescription Describe(string name, Entry entry, string? group) => new(
        name, entry.Summary?.StatusName, entry.Summary?.Settings, entry.Summary?.Result, entry.Problem, group);

    private Entry EntryOf(string name, RunDirectory run)
    {
        var file = new FileInfo(run.Record);
        var version = (file.Exists ? file.Length : -1, file.LastWriteTimeUtc);
        if (_known.TryGetValue(name, out var known) && known.Version == version)
            return known;
        ReadCount++;
        try
        {
            return new Entry(version, RunSummary.Read(run.Path) with { Path = name }, null);
        }
        catch (InputException e)
        {
            return new Entry(version, null, ProblemText.Of(e));
        }
    }

    private sealed record Entry((long Length, DateTime Written) Version, RunSummary? Summary, string? Problem);
}

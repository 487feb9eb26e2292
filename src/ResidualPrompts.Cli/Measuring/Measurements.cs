using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Runs each measurement once, in its own process, and caches the results.</summary>
/// <param name="folder">Folder of the intermediate result files.</param>
/// <param name="tell">Receives a progress message after each measurement.</param>
internal sealed class Measurements(ScratchFolder folder, Action<string> tell)
{
    private readonly Dictionary<string, JsonObject?> _results = [];

    /// <summary>All results so far, without failed measurements.</summary>
    internal IEnumerable<JsonObject> All => _results.Values.OfType<JsonObject>();

    /// <summary>Whether a measurement failed.</summary>
    internal bool HasFailures => _results.ContainsValue(null);

    /// <summary>The result of <c>bench</c> with these arguments, or null when it failed.</summary>
    internal JsonObject? Result(string[] arguments) => Result(arguments, []);

    /// <summary>The result of <c>bench</c> with these arguments and additional environment variables, or null when it failed.</summary>
    internal JsonObject? Result(string[] arguments, Dictionary<string, string> environment)
    {
        var key = string.Join(' ', environment.Select(variable => $"{variable.Key}={variable.Value}").Concat(arguments));
        if (_results.TryGetValue(key, out var known))
            return known;
        var begin = Stopwatch.GetTimestamp();
        _results[key] = Run(arguments, environment);
        tell($"bench {key}: {(_results[key] is null ? "failed" : "done")} after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s");
        return _results[key];
    }

    private JsonObject? Run(string[] arguments, Dictionary<string, string> environment)
    {
        var file = folder.File($"{_results.Count}.json");
        try
        {
            OwnProgram.Run(["bench", .. arguments, "--json", file], environment);
            return JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        }
        catch (MeasurementException e)
        {
            tell(e.Message);
            return null;
        }
    }
}

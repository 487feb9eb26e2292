using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Sweeps.Rungs;

namespace ResidualPrompts.Sweeps.Reading;

/// <summary>Reads <c>halving</c> of a sweep file.</summary>
internal static class HalvingReader
{
    /// <summary>Its keys.</summary>
    internal static readonly string[] Keys = ["metric", "rungs", "keep"];

    /// <summary>Reads the object; null where a problem was added.</summary>
    internal static Halving? Read(PlacedJson json, List<SweepProblem> problems)
    {
        if (json.Kind != JsonValueKind.Object)
        {
            problems.Add(json.Problem($"is {json.Shown}, expected an object such as {{\"rungs\": [2, 6, 18], \"keep\": 0.34}}"));
            return null;
        }

        var before = problems.Count;
        foreach (var member in json.Members.Where(member => !Keys.Contains(member.Key)))
            problems.Add(member.Problem($"'{ShownText.Value(member.Key)}' is not a key of halving, expected one of {string.Join(", ", Keys)}"));
        foreach (var twice in json.Members.GroupBy(member => member.Key).SelectMany(same => same.Skip(1)))
            problems.Add(twice.Problem($"'{ShownText.Value(twice.Key)}' stands there twice"));
        PlacedJson? ValueOf(string key) => json.Members.FirstOrDefault(member => member.Key == key)?.Value;
        var rungs = Rungs(ValueOf("rungs"), json, problems);
        var keep = Keep(ValueOf("keep"), json, problems);
        var metric = ValueOf("metric");
        if (metric is not null && metric.Kind != JsonValueKind.String)
            problems.Add(metric.Problem($"is {metric.Shown}, expected the name of a metric"));
        return problems.Count > before ? null : new Halving(metric?.Scalar!.GetValue<string>(), rungs, keep);
    }

    private static double Keep(PlacedJson? json, PlacedJson halving, List<SweepProblem> problems)
    {
        if (json?.Scalar is JsonValue value && value.TryGetValue<double>(out var keep) && keep is > 0 and < 1)
            return keep;
        problems.Add(json?.Problem($"is {json.Shown}, expected a number above 0 and below 1")
            ?? halving.Problem("keep is missing, expected the share of the settings that continue, such as 0.34"));
        return 0;
    }

    private static List<Rung> Rungs(PlacedJson? json, PlacedJson halving, List<SweepProblem> problems)
    {
        var rungs = new List<Rung>();
        if (json is not { Kind: JsonValueKind.Array, Items.Count: > 1 })
        {
            problems.Add(json?.Problem($"is {json.Shown}, expected a list of two or more budgets, such as [2, 6, 18]")
                ?? halving.Problem("rungs is missing, expected a list of budgets, such as [2, 6, 18]"));
            return rungs;
        }

        foreach (var item in json.Items)
        {
            var text = item.Kind == JsonValueKind.String ? item.Scalar!.GetValue<string>() : item.Kind == JsonValueKind.Number ? item.Shown : "";
            if (!Rung.TryParse(text, out var rung))
                problems.Add(item.Problem($"is {item.Shown}, expected epochs, such as 6, or steps, such as \"200steps\""));
            else if (!rung.Value.MayFollow(rungs))
                problems.Add(item.Problem($"is {item.Shown}, expected more than the rung before it, {rungs[^1]}"));
            else
                rungs.Add(rung.Value);
        }

        return rungs;
    }
}

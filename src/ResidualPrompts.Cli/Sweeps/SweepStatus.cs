using System.Globalization;
using System.Text.Json;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>
/// <c>sweep status</c>: the run directories below a sweep's folder by their <c>state.json</c> alone, and by the record where there is none.
/// </summary>
internal static class SweepStatus
{
    private const int MostRows = 60;

    /// <summary>A run directory and its state; null where it cannot be read.</summary>
    private sealed record Entry(string Name, RunState? State, string? Problem)
    {
        internal string Word => State is null ? "cannot be read"
            : State.Status == RunStatus.Running && !State.IsUnderWay ? RunRecord.NameOf(RunStatus.Interrupted)
            : RunRecord.NameOf(State.Status);
    }

    internal static void Print(SweepFile file, bool asJson)
    {
        Entry[] entries = [.. FoundRun.Directories(file.SaveDir).AsParallel().AsOrdered().Select(path => Read(file, path))];
        if (asJson)
        {
            JsonLineWriter.Run(writer =>
            {
                foreach (var entry in entries)
                    writer.Write(json => Write(json, entry));
            });
            return;
        }

        // Those that need a look come first where not all can be shown.
        var shown = entries.Length <= MostRows ? entries
            : [.. entries.Where(entry => entry.State?.Status != RunStatus.Finished).Take(MostRows)];
        if (shown.Length > 0)
            TextTable.Print([["run", "state", "epoch", "step", "metric", "best", "where", "written"], .. shown.Select(Row)]);
        var counts = entries.CountBy(entry => entry.Word).OrderBy(pair => pair.Key, StringComparer.Ordinal);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entries.Length} begun runs in {file.SaveDir}")
            + (entries.Length == 0 ? "" : ": " + string.Join(", ", counts.Select(pair => $"{pair.Value} {pair.Key}"))));
    }

    private static Entry Read(SweepFile file, string path)
    {
        var name = Path.GetRelativePath(file.SaveDir, path).Replace('\\', '/');
        try
        {
            return new Entry(name, RunState.Of(new RunDirectory(path)), null);
        }
        catch (InputException e)
        {
            return new Entry(name, null, e.Message);
        }
    }

    private static IReadOnlyList<string> Row(Entry entry) => entry.State is not { } state
        ? [entry.Name, entry.Word, "", "", "", "", "", ShownText.Line(entry.Problem)]
        : [
            entry.Name, entry.Word, state.Epoch.ToString(CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{state.Step} of {state.StepCount}"), state.Metric ?? "", MetricText.Percent(state.Best),
            state.IsUnderWay && state.Process is { } process ? string.Create(CultureInfo.InvariantCulture, $"{process.Host} {process.Id}") : "",
            state.Time.ToString("yyyy-MM-dd HH:mm:ssZ", CultureInfo.InvariantCulture),
        ];

    private static void Write(Utf8JsonWriter json, Entry entry)
    {
        json.WriteString("run", entry.Name);
        json.WriteString("state", entry.State is null ? null : entry.Word);
        json.WriteString("problem", entry.Problem);
        if (entry.State is not { } state)
            return;
        json.WriteNumber("step", state.Step);
        json.WriteNumber("step_count", state.StepCount);
        json.WriteNumber("epoch", state.Epoch);
        json.WriteString("metric", state.Metric);
        if (state.Best is { } best)
            json.WriteNumber("best", best);
        else
            json.WriteNull("best");
        json.WriteNumber("attempts", state.Attempts);
        json.WriteString("host", state.Process?.Host);
        json.WriteString("job", state.Job?.Name);
        json.WriteString("time", state.Time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture));
    }
}

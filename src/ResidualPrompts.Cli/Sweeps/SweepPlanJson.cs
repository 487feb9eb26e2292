using System.Text.Json;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>The plan of a sweep as JSON lines: one object for each run, then one with the sums.</summary>
internal static class SweepPlanJson
{
    internal static void Print(SweepPlan plan, SweepCost? cost) => JsonLineWriter.Run(writer =>
    {
        foreach (var run in plan.Runs)
            writer.Write(json => Write(json, run));
        foreach (var run in plan.NotInFile)
        {
            writer.Write(json =>
            {
                json.WriteString("run", Path.GetRelativePath(plan.File.SaveDir, run.Directory).Replace('\\', '/'));
                json.WriteString("state", Key(SweepRunState.NotInFile));
                json.WriteString("directory", run.Directory);
                json.WriteString("identity", run.Digest);
                json.WriteString("detail", run.Problem);
            });
        }

        writer.Write(json => WriteSums(json, plan, cost));
    });

    /// <summary>A state as a key of JSON.</summary>
    internal static string Key(SweepRunState state) => JsonNamingPolicy.SnakeCaseLower.ConvertName(state.ToString());

    private static void Write(Utf8JsonWriter json, SweepRun run)
    {
        json.WriteString("run", run.Name);
        json.WriteString("state", Key(run.State));
        json.WriteString("directory", run.Directory);
        json.WriteString("identity", run.Identity.IsComplete ? run.Identity.Digest : null);
        json.WriteStartArray("groups");
        foreach (var group in run.Groups)
            json.WriteStringValue(group.Name);
        json.WriteEndArray();
        json.WriteBoolean("refined", run.IsRefined);
        if (run.LastStep is { } step)
            json.WriteNumber("steps", step);
        else
            json.WriteNull("steps");
        json.WriteString("work", JsonNamingPolicy.SnakeCaseLower.ConvertName(run.Work.ToString()));
        json.WriteString("detail", run.Detail);
        json.WriteStartArray("missing");
        foreach (var missing in run.Missing)
            json.WriteStringValue(missing);
        json.WriteEndArray();
        json.WritePropertyName("settings");
        RunSpecJson.Write(run.Spec).WriteTo(json);
    }

    private static void WriteSums(Utf8JsonWriter json, SweepPlan plan, SweepCost? cost)
    {
        json.WriteString("file", Path.GetFullPath(plan.File.Path));
        json.WriteString("save_dir", plan.File.SaveDir);
        json.WriteNumber("runs", plan.Runs.Count);
        json.WriteStartObject("states");
        foreach (var (state, count) in plan.Counts)
            json.WriteNumber(Key(state), count);
        json.WriteEndObject();
        json.WritePropertyName("estimate");
        JsonSerializer.Serialize(json, cost, JsonFormats.SnakeCase);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Planning;

/// <summary><c>train --plan</c>: what the run would do, without doing it.</summary>
internal static class PlanCommand
{
    /// <summary>Plans a run, or the first of several seeds, and prints it.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="seeds">The seeds of <c>--seeds</c>; null for one run.</param>
    /// <param name="mode">What the run would do with an existing directory.</param>
    /// <param name="asJson">Whether the plan is one JSON object instead of a table.</param>
    /// <param name="cancellationToken">Stops measuring.</param>
    internal static void Run(RunSpec spec, IReadOnlyList<long>? seeds, RunMode mode, bool asJson, CancellationToken cancellationToken)
    {
        IReadOnlyList<RunSpec> specs = seeds is null ? [spec] : [.. seeds.Select(seed => StudyTraining.SpecOf(spec, seed))];
        foreach (var later in specs.Skip(1))
            _ = RunOpening.Check(later, mode);
        var plan = RunPlanner.Plan(specs[0], mode, measures: true, cancellationToken);
        foreach (var note in plan.Notes)
            Console.Error.WriteLine($"note: {note}");
        foreach (var warning in plan.Warnings)
            Console.Error.WriteLine(RunNotes.Text(warning));
        if (plan.Disk is { } disk && PlanText.TooFull(disk, specs.Count) is { } problem)
            Console.Error.WriteLine($"warning: {problem}");
        var all = PlanOfAll.Of(plan, [.. specs.Select(one => one.Seed)]);
        if (asJson)
            PrintJson(plan, all);
        else
            PlanTable.Print(plan, seeds is null ? null : all);
    }

    private static void PrintJson(TrainingPlan plan, PlanOfAll all)
    {
        var json = JsonSerializer.SerializeToNode(plan, JsonFormats.SnakeCase)!.AsObject();
        json["warnings"] = new JsonArray([.. plan.Warnings.Select(EventFormat.OfRecord)]);
        json["runs"] = JsonSerializer.SerializeToNode(all, JsonFormats.SnakeCase);
        JsonLineWriter.Run(writer => writer.Write(fields =>
        {
            foreach (var (key, value) in json)
            {
                fields.WritePropertyName(key);
                if (value is null)
                    fields.WriteNullValue();
                else
                    value.WriteTo(fields);
            }
        }));
    }
}

using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The result of measured steps. Rates are medians over the steps, which a single disturbed step does not change.</summary>
internal static class StepReport
{
    internal static JsonObject Make(string model, StepSettings settings, IReadOnlyList<MeasuredStep> steps) => new()
    {
        ["model"] = model,
        ["method"] = settings.TrainsWeights ? "full" : "prompt",
        ["mode"] = settings.ModeName,
        ["batch"] = settings.BatchSize,
        ["prompt_length"] = settings.VirtualTokenCount,
        ["longest_positions"] = steps.Max(step => step.PaddedRows) / settings.BatchSize,
        ["dropout"] = settings.Dropout,
        ["gradient_checkpointing"] = settings.GradientCheckpointing,
        ["seed"] = settings.Seed,
        ["steps"] = steps.Count,
        ["fill"] = (double)steps.Sum(step => step.Rows) / steps.Sum(step => step.PaddedRows),
        ["milliseconds"] = Json(Spread.Of(steps.Select(step => step.Milliseconds))),
        ["gflops"] = Spread.Of(steps.Select(step => step.Gflops)).Median,
        ["raw_gflops"] = Spread.Of(steps.Select(step => step.RawGflops)).Median,
        ["fraction_of_raw"] = Spread.Of(steps.Select(step => step.FractionOfRaw)).Median,
        ["fraction_of_raw_quartiles"] = Quartiles(Spread.Of(steps.Select(step => step.FractionOfRaw))),
        ["tokens_per_second"] = steps.Sum(step => step.Rows) / steps.Sum(step => step.Milliseconds / 1000),
        ["loss"] = new JsonArray([.. steps.Select(step => JsonValue.Create(step.Loss))]),
    };

    internal static JsonObject Json(Spread spread) => new() { ["median"] = spread.Median, ["min"] = spread.Min, ["max"] = spread.Max };

    internal static JsonObject Quartiles(Spread spread) => new() { ["lower"] = spread.LowerQuartile, ["upper"] = spread.UpperQuartile };
}

using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Learning;

/// <summary>The result of <c>bench learn</c> as a table and as JSON.</summary>
internal static class LearningReport
{
    private const string NotReached = "not reached";

    /// <summary>The header and a row for each method.</summary>
    internal static IReadOnlyList<IReadOnlyList<string>> Rows(LearningResult result) =>
    [
        ["method", "rate", $"steps to {Share}", $"seconds to {Share}", $"final {result.Metric}, median", "lowest", "highest"],
        .. result.Methods.Select(method =>
        {
            var (reached, last) = (result.Reached(method), method.Curve.Last?.Metric);
            return (IReadOnlyList<string>)
            [
                method.Method.Name, Rate(method), reached?.Step.ToString(CultureInfo.InvariantCulture) ?? NotReached,
                reached is null ? NotReached : MeasuredText.Of(reached.Seconds.Median),
                MetricText.Percent(last?.Median), MetricText.Percent(last?.Min), MetricText.Percent(last?.Max),
            ];
        }),
    ];

    /// <summary>The threshold in words.</summary>
    internal static string Threshold(LearningResult result) => result.Threshold is { } threshold
        ? $"{Share} means {result.Metric} {MetricText.Percent(threshold.Value)}: the constant answer's {MetricText.Percent(threshold.Constant)}, "
            + $"and {Share} of what the best method has more at its end ({MetricText.Percent(threshold.Best)})."
        : $"No method ends above the constant answer's {result.Metric} of {MetricText.Percent(result.Constant)}, so there is nothing to reach.";

    /// <summary>What a reader of the table should know.</summary>
    internal static IEnumerable<string> Notes(LearningResult result) => result.Methods.Where(method => method.IsAtEdge).Select(method =>
        $"{method.Method.Name} is best at {Rate(method)}, at the end of the rates that were tried; one beyond it may be better.");

    /// <summary>What the legend of a chart says of a method.</summary>
    internal static string Legend(LearningResult result, LearnedMethod method) =>
        $"{method.Method.Name}, rate {Rate(method)}: "
            + (result.Reached(method) is { } reached ? $"{reached.Step.ToString(CultureInfo.InvariantCulture)} steps" : NotReached);

    /// <summary>All numbers.</summary>
    internal static JsonObject Json(LearningPlan plan, LearningResult result) => new()
    {
        ["model"] = plan.Base.Model,
        ["task"] = plan.Base.Task,
        ["steps"] = plan.Base.MaxSteps,
        ["evaluate_every_steps"] = plan.Base.EvaluateEverySteps,
        ["seeds"] = new JsonArray([.. plan.Seeds.Select(seed => JsonValue.Create(seed))]),
        ["metric"] = result.Metric,
        ["constant"] = result.Constant,
        ["best_final"] = result.Threshold?.Best,
        ["threshold"] = result.Threshold?.Value,
        ["methods"] = new JsonArray([.. result.Methods.Select(method => Json(result, method))]),
    };

    private static JsonObject Json(LearningResult result, LearnedMethod method)
    {
        var reached = result.Reached(method);
        return new JsonObject
        {
            ["method"] = method.Method.Name,
            ["learning_rate"] = method.Rate,
            ["final_by_learning_rate"] =
                new JsonObject(method.Finals.Select(pair => KeyValuePair.Create(LearningPlan.Text(pair.Key), (JsonNode?)pair.Value))),
            ["is_reached"] = reached is not null,
            ["steps_to_threshold"] = reached?.Step,
            ["seconds_to_threshold"] = reached?.Seconds.Median,
            ["curve"] = new JsonArray([.. method.Curve.Points.Select(point => new JsonObject
            {
                ["step"] = point.Step,
                ["seconds"] = point.Seconds.Median,
                [result.Metric] = StepReport.Json(point.Metric),
            })]),
        };
    }

    private static string Share => $"{(100 * LearningThreshold.Share).ToString("0", CultureInfo.InvariantCulture)} %";

    private static string Rate(LearnedMethod method) => method.Rate is { } rate ? LearningPlan.Text(rate) : "all diverged";
}

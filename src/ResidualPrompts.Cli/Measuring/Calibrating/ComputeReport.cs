using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Choices;

namespace ResidualPrompts.Cli.Measuring.Calibrating;

/// <summary>What is chosen now, what was measured, and what a calibration would choose.</summary>
/// <param name="current">What <c>auto</c> chooses now.</param>
/// <param name="times">The measurements.</param>
internal sealed class ComputeReport(OperationKernels current, IReadOnlyList<OperationTimes> times)
{
    /// <summary>The operations that managed kernels compute after a calibration by these measurements.</summary>
    internal Operations Calibrated { get; } = CalibrationRule.Decide(current.Managed, times);

    /// <summary>What the choice of now rests on.</summary>
    internal string Basis => current.Basis;

    /// <summary>The result as JSON.</summary>
    internal JsonObject ToJson() => new()
    {
        ["family"] = ComputeChoice.OfTable,
        ["basis"] = current.Basis,
        ["shapes"] = new JsonArray([.. ComputeMeasurement.Shapes.Select(shape => (JsonNode?)$"{shape.Model}, {shape.Positions} positions")]),
        ["operations"] = new JsonArray([.. OperationNames.All.Select(operation => (JsonNode?)Json(operation.Key, operation.Value))]),
    };

    /// <summary>The result as a Markdown table.</summary>
    internal string ToTable()
    {
        var text = new StringBuilder("| operation | now | libtorch, ms | managed, ms | managed is faster by (quartiles) | calibrated |\n");
        text.Append("|---|---|---|---|---|---|\n");
        foreach (var (operation, name) in OperationNames.All)
        {
            var (libTorch, managed) = Pair(operation);
            var gains = Gains(libTorch, managed);
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {name} | {Name(current.Managed, operation)} | {Milliseconds(libTorch)} | {Milliseconds(managed)} | {Percent(gains.Median)} % ")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"({Percent(gains.LowerQuartile)} to {Percent(gains.UpperQuartile)}) | {Name(Calibrated, operation)} |\n");
        }

        return text.ToString();
    }

    private JsonObject Json(Operations operation, string name)
    {
        var (libTorch, managed) = Pair(operation);
        var gains = Gains(libTorch, managed);
        return new JsonObject
        {
            ["operation"] = name,
            ["now"] = Name(current.Managed, operation),
            ["evidence"] = ChoiceTable.Row(ComputeChoice.Family, operation).Evidence,
            ["milliseconds_libtorch"] = Array(libTorch),
            ["milliseconds_managed"] = Array(managed),
            ["gain_of_managed"] = new JsonObject
            {
                ["median"] = gains.Median,
                ["lower"] = gains.LowerQuartile,
                ["upper"] = gains.UpperQuartile,
            },
            ["calibrated"] = Name(Calibrated, operation),
        };
    }

    private (OperationTimes LibTorch, OperationTimes Managed) Pair(Operations operation) =>
        CalibrationRule.Pair(times, operation, Calibrated.HasFlag(Operations.Norm));

    /// <summary>How much longer libtorch takes, as fractions, round by round.</summary>
    private static Spread Gains(OperationTimes libTorch, OperationTimes managed) => Spread.Of(
        Enumerable.Range(0, libTorch.Milliseconds[0].Length).Select(round => Math.Exp(
            libTorch.Milliseconds.Zip(managed.Milliseconds).Average(shape => Math.Log(shape.First[round] / shape.Second[round]))) - 1));

    private static string Name(Operations managed, Operations operation) => managed.HasFlag(operation) ? "managed" : OperationKernels.LibTorchName;

    private static string Milliseconds(OperationTimes one) => string.Join(", ", one.Medians.Select(value => MeasuredText.Of(value)));

    private static JsonArray Array(OperationTimes one) => new([.. one.Medians.Select(value => (JsonNode?)value)]);

    private static string Percent(double share) => Math.Round(100 * share).ToString(CultureInfo.InvariantCulture);
}

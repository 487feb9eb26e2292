using System.Text.Json;
using ResidualPrompts.Compute;
using ResidualPrompts.Runs;
using ResidualPrompts.Statistics;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints metrics as one JSON object, and notes about them to standard error.</summary>
internal static class ResultJson
{
    internal static void Print(SplitResult result, bool usesInt8 = false)
    {
        foreach (var note in result.Notes ?? [])
            Console.Error.WriteLine($"note: {note}");
        JsonLineWriter.Run(writer => writer.Write(json => WriteFields(json, result, usesInt8)));
    }

    /// <summary>Writes the fields of a result.</summary>
    /// <param name="json">A writer inside an object.</param>
    /// <param name="result">The result.</param>
    /// <param name="usesInt8">Whether the model computed in 8-bit integers.</param>
    internal static void WriteFields(Utf8JsonWriter json, SplitResult result, bool usesInt8)
    {
        json.WriteNumber("n", result.N);
        json.WriteNumber("invalid", result.Invalid);
        json.WriteStartObject("metrics");
        foreach (var (name, value) in result.Metrics)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }

        json.WriteEndObject();
        if (result.Intervals is { } intervals)
            WriteIntervals(json, intervals());
        json.WriteStartObject("undefined");
        foreach (var (name, reason) in result.Undefined)
            json.WriteString(name, reason);
        json.WriteEndObject();
        if (usesInt8)
        {
            json.WriteBoolean("int8", true);
            json.WriteString("int8_kernel", ComputeChoice.Int8Kernel);
        }
    }

    private static void WriteIntervals(Utf8JsonWriter json, IReadOnlyList<MetricInterval> intervals)
    {
        json.WriteStartObject("intervals");
        foreach (var of in intervals)
        {
            json.WriteStartObject(of.Metric);
            if (of.Estimate.Interval is { } interval)
            {
                json.WriteNumber("low", interval.Low);
                json.WriteNumber("high", interval.High);
                json.WriteString("rule", interval.Rule);
            }
            else
            {
                json.WriteString("undefined", of.Estimate.NoInterval);
            }

            json.WriteNumber("n", of.RowCount);
            json.WriteNumber("clusters", of.ClusterCount);
            if (of.LargestStep is { } step)
                json.WriteNumber("one_row", step);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

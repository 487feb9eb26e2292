using ResidualPrompts.Compute;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints metrics as one JSON object, and notes about them to standard error.</summary>
internal static class ResultJson
{
    internal static void Print(SplitResult result, bool usesInt8 = false)
    {
        foreach (var note in result.Notes ?? [])
            Console.Error.WriteLine($"note: {note}");
        JsonLineWriter.Run(writer => writer.Write(json =>
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
            json.WriteStartObject("undefined");
            foreach (var (name, reason) in result.Undefined)
                json.WriteString(name, reason);
            json.WriteEndObject();
            if (usesInt8)
            {
                json.WriteBoolean("int8", true);
                json.WriteString("int8_kernel", ComputeChoice.Int8Kernel);
            }
        }));
    }
}

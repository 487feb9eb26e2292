using System.CommandLine;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench ablation</c>: measures each optimization by disabling it alone.</summary>
internal static class AblationBench
{
    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var length = BenchOptions.Length();
        var (steps, seed) = (BenchOptions.Steps(4), BenchOptions.Seed());
        var output = new Option<string?>("--output")
        {
            Description = $"Document that receives the table between its marker lines. Default: {MarkedSection.Document} if it exists.",
            HelpName = "FILE",
        };
        var command = new Command("ablation", "Measure each optimization by alternating steps with and without it. Prints a Markdown table.")
        {
            model, length, steps, seed, output,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(model)!, parsed.GetValue(length), parsed.GetValue(steps), parsed.GetValue(seed),
            MarkedSection.Ablation.Find(parsed.GetValue(output), orDefault: true)));
        return command;
    }

    private static int Run(string name, int length, int steps, long seed, string? document)
    {
        using var folder = new ScratchFolder();
        using var model = BenchmarkModel.Open(name, seed);
        var measurements = new Measurements(folder, Console.Error.WriteLine);
        var lines = new List<string>();
        using (var ablation = new Ablation(model.Folder, length, steps, seed))
            lines.AddRange(ablation.Rows().Select(row => PerformanceTable.Line(row)));
        lines.AddRange(EnvironmentAblation.Rows(measurements, model.Folder, length, steps).Select(row => PerformanceTable.Line(row)));
        var table = PerformanceTable.OfAblation(lines, $"{name}, {length} text tokens");
        if (document is not null)
            MarkedSection.Ablation.Write(document, table);
        Console.Write(table);
        return measurements.HasFailures ? ExitCode.Failed : ExitCode.Good;
    }
}

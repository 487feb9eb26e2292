using System.CommandLine;
using System.Diagnostics;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Targets;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench all</c>: the whole table of targets in one run.</summary>
internal static class AllBench
{
    private const string BundledModel = "t5-nano";

    internal static Command Create()
    {
        var quick = new Option<bool>("--quick")
        {
            Description = "Use tiny sizes of the bundled model to test that everything runs; the numbers are meaningless.",
        };
        var output = new Option<string?>("--output")
        {
            Description = "Document that receives the table between its marker lines; columns of processors of other makers stay. "
                + $"Default: {MarkedSection.Document} if it exists; none with --quick.",
            HelpName = "FILE",
        };
        var command = new Command("all", "Measure everything that has a target, in at most 12 minutes on two cores, and print a Markdown table.")
        {
            quick, output,
        };
        command.SetAction(parsed => Run(parsed.GetValue(quick), parsed.GetValue(output)));
        return command;
    }

    private static int Run(bool isQuick, string? output)
    {
        var document = MarkedSection.Targets.Find(output, orDefault: !isQuick);
        using var folder = new ScratchFolder();
        folder.HoldCaches();
        var begin = Stopwatch.GetTimestamp();
        // Models are created once for all measurements.
        string Model(string shape) => isQuick ? BundledModel : Made(folder.File(shape), shape);
        var measurements = new Measurements(folder, Console.Error.WriteLine);
        var rows = new List<MeasuredRow>();
        foreach (var row in new TargetTable(Model("t5-large"), Model("t5-base"), Model("t5-small"), isQuick).Rows())
            rows.Add(PerformanceTable.Row(row, [.. row.Commands.Select(command => measurements.Result(command))]));
        if (measurements.All.FirstOrDefault() is not { } machine)
            throw new MeasurementException("Every measurement failed.");
        var measured = new MachineTable(Processor.Maker, rows, PerformanceTable.Machine(machine, Stopwatch.GetElapsedTime(begin)));
        MachineTable[] others = document is null ? [] : [.. MachineTable.Read(MarkedSection.Targets.Read(document))];
        var table = MachineTable.SideBySide([measured, .. others.Where(other => other.Maker != measured.Maker)]);
        if (document is not null)
            MarkedSection.Targets.Write(document, table);
        Console.Write(table);
        return measurements.HasFailures ? ExitCode.Failed : ExitCode.Good;
    }

    private static string Made(string folder, string shape)
    {
        OwnProgram.Run(["bench", "model", shape, folder]);
        return folder;
    }
}

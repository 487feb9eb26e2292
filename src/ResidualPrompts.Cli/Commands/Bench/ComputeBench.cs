using System.CommandLine;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Calibrating;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Compute;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench compute</c>: measures each operation with libtorch and with the managed kernels, and keeps the faster choice if asked.</summary>
internal static class ComputeBench
{
    private const int DefaultRounds = 9;

    internal static Command Create()
    {
        var rounds = BenchOptions.Number("--rounds", DefaultRounds, "How often each operation is measured each way.", least: 3);
        var save = new Option<bool>("--save")
        {
            Description = "Keep the choice in the cache folder. From then on, --compute auto makes it on this processor with this version. A choice "
                + "changes only if the other way is at least 5 % faster and the quartiles do not overlap.",
        };
        var json = BenchOptions.Json();
        var command = new Command(
            "compute",
            "Measure each operation with libtorch and with the managed kernels, alternately, on three shapes, and show or keep the faster choice.")
        {
            rounds, save, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(rounds), parsed.GetValue(save), parsed.GetValue(json)));
        return command;
    }

    private static void Run(int rounds, bool saves, string? file)
    {
        if (ComputeChoice.Calibration is not { } calibration)
            throw new UsageException($"This processor lacks AVX2 and FMA, which the managed kernels need: libtorch computes everything.");
        LibTorch.EnsureLoaded();
        if (calibration.Read().Problem is { } problem)
            Console.Error.WriteLine($"warning: {problem}");
        var load = MachineLoad.Start();
        var report = new ComputeReport(
            ComputeChoice.Kernels(ComputePolicy.Auto), new ComputeMeasurement(rounds).Measure(ComputeMeasurement.Shapes));
        var result = report.ToJson();
        Machine.Describe(result, load);
        if (saves)
            calibration.Write(report.Calibrated);
        result["saved"] = saves ? calibration.Path : null;
        if (file is not null)
            ReplacedFile.Write(file, result.ToJsonString() + "\n");
        Console.Write(report.ToTable());
        var shapes = string.Join("; ", ComputeMeasurement.Shapes.Select(shape => $"{shape.Model}, {shape.Positions} positions"));
        Console.WriteLine($"\nMilliseconds are those of {shapes}. Now: by {report.Basis}.");
        load.WarnUnlessQuiet();
        Console.Error.WriteLine(
            saves ? $"Saved in {calibration.Path}; delete this file to return to the built-in table." : "Nothing was saved; --save does.");
    }
}

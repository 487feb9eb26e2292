using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench load</c>: measures loading a model, with and without prepared weights.</summary>
internal static class LoadBench
{
    internal static Command Create()
    {
        var model = BenchOptions.Model();
        var rounds = BenchOptions.Number("--rounds", 3, "How often each is measured, after one round that fills the system's file cache.");
        var (seed, json) = (BenchOptions.Seed(), BenchOptions.Json());
        var command = new Command("load", "Measure loading a model from the system's file cache, with weights as in the file and prepared for speed.")
        {
            model, rounds, seed, json,
        };
        command.SetAction(
            parsed => ResultPrinter.Print(Measure(parsed.GetValue(model)!, parsed.GetValue(rounds), parsed.GetValue(seed)), parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string name, int rounds, long seed)
    {
        using var model = BenchmarkModel.Open(name, seed);
        LibTorch.EnsureLoaded();
        double Median(ComputeMode mode, bool usesCache)
        {
            var options = new BackboneOptions { Mode = mode, PreparedCache = usesCache };
            _ = Seconds(model.Folder, options); // fills the system's file cache and the cache of prepared weights
            return Spread.Of(Enumerable.Range(0, rounds).Select(_ => Seconds(model.Folder, options))).Median;
        }

        var load = MachineLoad.Start();
        var result = new JsonObject
        {
            ["model"] = name,
            ["rounds"] = rounds,
            ["seconds"] = new JsonObject
            {
                ["as_it_is"] = Median(ComputeMode.Straightforward, usesCache: false),
                ["prepared"] = Median(ComputeMode.Packed, usesCache: false),
                ["from_cache"] = Median(ComputeMode.Packed, usesCache: true),
            },
        };
        Machine.Describe(result, load);
        return result;
    }

    private static double Seconds(string folder, BackboneOptions options)
    {
        var begin = Stopwatch.GetTimestamp();
        using var backbone = Backbone.Load(folder, options);
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}

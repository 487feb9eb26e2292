using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Comparison;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary>Evaluates several runs on the same split and prints a row for each, in the order in which they were given.</summary>
internal static class EvaluatedRuns
{
    private const string Ensemble = "ensemble";

    /// <summary>
    /// Evaluates the runs and prints their metrics. A run that is missing or not finished is refused before anything is computed; one that fails
    /// later is reported, and the others are still evaluated.
    /// </summary>
    /// <returns>The exit code: that of the first failure.</returns>
    internal static int Print(
        ParseResult parsed, IReadOnlyList<string> paths, EvaluatedRows rows, BackboneOptions options, bool asJson, bool together)
    {
        var code = ExitCode.Good;
        bool Tried(Action act)
        {
            try
            {
                act();
                return true;
            }
            catch (InputException e)
            {
                var own = CommandLine.Report(e, parsed.GetValue(CommandLine.Verbose));
                code = code == ExitCode.Good ? own : code;
                return false;
            }
        }

        foreach (var path in paths)
            Tried(() => TrainedRun.RequireTogether([path]));
        if (code != ExitCode.Good)
            return code;
        if (together)
            TrainedRun.RequireTogether(paths);
        foreach (var path in paths)
            HubAccess.EnsureRun(parsed, path, rows.Task, rows.Data, rows.ReadsData);
        var results = new SplitResult?[paths.Count];
        var names = SettingText.ShortPaths(paths);
        SplitResult? ofEnsemble = null;
        using var backbones = new SharedBackbone(options);
        SplitResult Evaluate(TrainedRun trained, string name)
        {
            SharedOptions.Warn(trained.Warnings);
            var result = trained.Evaluate(rows.Split, rows.Task, rows.Data, rows.Files, predictions: null);
            foreach (var note in result.Notes ?? [])
                Console.Error.WriteLine($"note: {name}: {note}");
            return result;
        }

        foreach (var index in InModelOrder(paths))
        {
            Tried(() =>
            {
                using var trained = TrainedRun.Open([paths[index]], backbones, rows.AllowMismatch);
                results[index] = Evaluate(trained, names[index]);
            });
        }

        if (together)
        {
            Tried(() =>
            {
                using var trained = TrainedRun.Open(paths, backbones, rows.AllowMismatch);
                ofEnsemble = Evaluate(trained, Ensemble);
            });
        }

        var done = paths.Select((path, i) => (Path: path, Name: names[i], Result: results[i])).Where(run => run.Result is not null)
            .Select(run => (run.Path, run.Name, run.Result!)).ToList();
        if (asJson)
            PrintJson(done, ofEnsemble, paths, options.Int8);
        else if (done.Count > 0)
            TextTable.Print(Table(ofEnsemble is null ? done : [.. done, ("", Ensemble, ofEnsemble)]));
        return code;
    }

    /// <summary>The indices of the runs, those on one model one after another.</summary>
    private static IEnumerable<int> InModelOrder(IReadOnlyList<string> paths)
    {
        var models = paths.Select(TrainedRun.SettingsOf).Select(spec => (spec.Model, spec.Revision)).ToList();
        return Enumerable.Range(0, paths.Count).OrderBy(index => models.IndexOf(models[index]));
    }

    private static void PrintJson(
        IReadOnlyList<(string Path, string Name, SplitResult Result)> runs, SplitResult? ofEnsemble, IReadOnlyList<string> paths, bool usesInt8) =>
        JsonLineWriter.Run(writer =>
    {
        foreach (var (path, _, result) in runs)
        {
            writer.Write(json =>
            {
                json.WriteString("run", path);
                ResultJson.WriteFields(json, result, usesInt8);
            });
        }

        if (ofEnsemble is not null)
        {
            writer.Write(json =>
            {
                json.WriteStartArray(Ensemble);
                foreach (var path in paths)
                    json.WriteStringValue(path);
                json.WriteEndArray();
                ResultJson.WriteFields(json, ofEnsemble, usesInt8);
            });
        }
    });

    private static IReadOnlyList<IReadOnlyList<string>> Table(IReadOnlyList<(string Path, string Name, SplitResult Result)> runs)
    {
        string[] metrics = [.. runs.SelectMany(run => run.Result.Metrics.Keys).Distinct()];
        return
        [
            ["run", "n", "invalid", .. metrics],
            .. runs.Select(run => new[]
                {
                    run.Name, Number(run.Result.N), Number(run.Result.Invalid),
                }.Concat(metrics.Select(metric => Statistics.Percent(run.Result.Metrics.GetValueOrDefault(metric)))).ToArray()),
        ];
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}

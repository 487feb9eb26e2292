using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Comparison;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary>
/// Evaluates several runs on the same split and prints a row for each, in the order in which they were given. Runs on one model are open together and
/// evaluated in one pass.
/// </summary>
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
        var isDoneTogether = false;
        using var backbones = new SharedBackbone(options);
        foreach (var indices in ByModel(paths))
            EvaluateTogether(indices);
        if (together && !isDoneTogether)
        {
            Tried(() =>
            {
                using var trained = Opened(paths);
                ofEnsemble = Result(EvaluationPass.Score([trained], rows.Asked)[0], Ensemble);
            });
        }

        TrainedRun Opened(IReadOnlyList<string> one)
        {
            var trained = TrainedRun.Open(one, backbones, rows.AllowMismatch);
            SharedOptions.Warn(trained.Warnings);
            return trained;
        }

        static SplitResult Result(EvaluationPass pass, string name)
        {
            var result = pass.Result();
            foreach (var note in result.Notes ?? [])
                Console.Error.WriteLine($"note: {name}: {note}");
            return result;
        }

        // Those that cannot be opened are reported; the others are evaluated, and if they are all, also as an ensemble.
        void EvaluateTogether(IReadOnlyList<int> indices)
        {
            var opened = new List<(int Index, TrainedRun Run)>();
            try
            {
                foreach (var index in indices)
                    Tried(() => opened.Add((index, Opened([paths[index]]))));
                IReadOnlyList<TrainedRun> runs = [.. opened.Select(pair => pair.Run)];
                isDoneTogether = together && runs.Count == paths.Count;
                var scored = EvaluationPass.Score(isDoneTogether ? [.. runs, TrainedRun.Together(runs)] : runs, rows.Asked);
                foreach (var ((index, _), pass) in opened.Zip(scored))
                    Tried(() => results[index] = Result(pass, names[index]));
                if (isDoneTogether)
                    Tried(() => ofEnsemble = Result(scored[^1], Ensemble));
            }
            finally
            {
                opened.ForEach(pair => pair.Run.Dispose());
            }
        }

        var done = paths.Select((path, i) => (Path: path, Name: names[i], Result: results[i])).Where(run => run.Result is not null)
            .Select(run => (run.Path, run.Name, run.Result!)).ToList();
        if (asJson)
            PrintJson(done, ofEnsemble, paths, options.Int8);
        else if (done.Count > 0)
            TextTable.Print(Table(ofEnsemble is null ? done : [.. done, ("", Ensemble, ofEnsemble)]));
        return code;
    }

    /// <summary>The indices of the runs, those on one model in one group.</summary>
    private static IReadOnlyList<IReadOnlyList<int>> ByModel(IReadOnlyList<string> paths)
    {
        var models = paths.Select(TrainedRun.SettingsOf).Select(spec => (spec.Model, spec.Revision)).ToList();
        return [.. Enumerable.Range(0, paths.Count).GroupBy(index => models[index]).Select(group => group.ToList())];
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

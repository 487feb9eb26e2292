using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Comparison;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Commands;

/// <summary>
/// Evaluates several runs on the same split and prints a row for each, in the order in which they were given, and for each study the mean and the
/// standard deviation over its runs.
/// </summary>
internal sealed class EvaluatedRuns
{
    private const string Ensemble = "ensemble";
    private readonly ParseResult _parsed;
    private readonly EvaluatedRows _rows;
    private readonly BackboneOptions _options;
    private readonly IReadOnlyList<string> _runs;
    private readonly IReadOnlyList<(string Path, int[] Runs)> _studies;
    private int _code = ExitCode.Good;

    /// <param name="parsed">The command line.</param>
    /// <param name="paths">Run directories and studies.</param>
    /// <param name="rows">What is scored on.</param>
    /// <param name="options">How backbones compute.</param>
    internal EvaluatedRuns(ParseResult parsed, IReadOnlyList<string> paths, EvaluatedRows rows, BackboneOptions options)
    {
        (_parsed, _rows, _options) = (parsed, rows, options);
        var members = paths.Select(path => (Path: path, Runs: RunFolders.Members(path))).ToList();
        _runs = [.. members.SelectMany(member => member.Runs).DistinctBy(Path.GetFullPath)];
        var indices = _runs.Index().ToDictionary(run => Path.GetFullPath(run.Item), run => run.Index);
        _studies = [.. members.Where(member => !RunDirectory.Is(member.Path))
            .Select(member => (member.Path, member.Runs.Select(run => indices[Path.GetFullPath(run)]).ToArray()))];
    }

    /// <summary>
    /// Evaluates the runs and prints their metrics. A run that is missing or not finished is refused before anything is computed; one that fails
    /// later is reported, and the others are still evaluated.
    /// </summary>
    /// <returns>The exit code: that of the first failure.</returns>
    internal int Print(bool asJson, bool together)
    {
        foreach (var run in _runs)
            Tried(() => TrainedRun.RequireTogether([run]));
        if (_code != ExitCode.Good)
            return _code;
        if (together)
            TrainedRun.RequireTogether(_runs);
        foreach (var run in _runs)
            HubAccess.EnsureRun(_parsed, run, _rows.Task, _rows.Data, _rows.ReadsData);
        var results = new SplitResult?[_runs.Count];
        var names = SettingText.ShortPaths(_runs);
        SplitResult? ofEnsemble = null;
        using var backbones = new SharedBackbone(_options);
        var isDoneTogether = false;
        foreach (var indices in ByModel())
            EvaluateTogether(indices);
        if (together && !isDoneTogether)
        {
            Tried(() =>
            {
                using var trained = Opened(_runs);
                ofEnsemble = Result(EvaluationPass.Score([trained], _rows.Asked)[0], Ensemble, _rows.Predictions);
            });
        }

        TrainedRun Opened(IReadOnlyList<string> runs)
        {
            var trained = TrainedRun.Open(runs, backbones, _rows.AllowMismatch);
            SharedOptions.Warn(trained.Warnings);
            return trained;
        }

        // Those that cannot be opened are reported; the others are evaluated, and if they are all, also as an ensemble.
        void EvaluateTogether(IReadOnlyList<int> indices)
        {
            var opened = new List<(int Index, TrainedRun Run)>();
            try
            {
                foreach (var index in indices)
                    Tried(() => opened.Add((index, Opened([_runs[index]]))));
                IReadOnlyList<TrainedRun> runs = [.. opened.Select(pair => pair.Run)];
                isDoneTogether = together && runs.Count == _runs.Count;
                var scored = EvaluationPass.Score(isDoneTogether ? [.. runs, TrainedRun.Together(runs)] : runs, _rows.Asked);
                foreach (var ((index, _), pass) in opened.Zip(scored))
                    Tried(() => results[index] = Result(pass, names[index], together ? null : _rows.Predictions));
                if (isDoneTogether)
                    Tried(() => ofEnsemble = Result(scored[^1], Ensemble, _rows.Predictions));
            }
            finally
            {
                opened.ForEach(pair => pair.Run.Dispose());
            }
        }

        if (asJson)
            PrintJson(results, ofEnsemble);
        else if (results.Any(result => result is not null))
            TextTable.Print(Table(results, names, ofEnsemble));
        return _code;
    }

    private static SplitResult Result(EvaluationPass pass, string name, string? predictions)
    {
        var result = pass.Result(predictions);
        foreach (var note in result.Notes ?? [])
            Console.Error.WriteLine($"note: {name}: {note}");
        return result;
    }

    private void Tried(Action act)
    {
        try
        {
            act();
        }
        catch (InputException e)
        {
            var own = CommandLine.Report(e, _parsed.GetValue(CommandLine.Verbose));
            _code = _code == ExitCode.Good ? own : _code;
        }
    }

    /// <summary>The indices of the runs, those on one model in one group.</summary>
    private IReadOnlyList<IReadOnlyList<int>> ByModel()
    {
        var models = _runs.Select(TrainedRun.SettingsOf).Select(spec => (spec.Model, spec.Revision)).ToList();
        return [.. Enumerable.Range(0, _runs.Count).GroupBy(index => models[index]).Select(group => group.ToList())];
    }

    /// <summary>The studies whose runs were all evaluated, with the results.</summary>
    private IEnumerable<(string Path, IReadOnlyList<SplitResult> Results)> Whole(SplitResult?[] results) =>
        from study in _studies
        let ofRuns = study.Runs.Select(run => results[run]).OfType<SplitResult>().ToArray()
        where ofRuns.Length == study.Runs.Length
        select (study.Path, (IReadOnlyList<SplitResult>)ofRuns);

    /// <summary>The values of a metric, one per run; null where it is undefined for one.</summary>
    private static double[]? Values(IReadOnlyList<SplitResult> results, string metric) =>
        results.Select(result => result.Metrics.GetValueOrDefault(metric)).OfType<double>().ToArray() is var values && values.Length == results.Count
            ? values
            : null;

    private void PrintJson(SplitResult?[] results, SplitResult? ofEnsemble) => JsonLineWriter.Run(writer =>
    {
        foreach (var (run, result) in _runs.Zip(results))
        {
            if (result is null)
                continue;
            writer.Write(json =>
            {
                json.WriteString("run", run);
                ResultJson.WriteFields(json, result, _options.Int8);
            });
        }

        foreach (var (path, ofRuns) in Whole(results))
        {
            writer.Write(json =>
            {
                json.WriteString("study", path);
                json.WriteNumber("runs", ofRuns.Count);
                foreach (var (name, number) in new (string, Func<IReadOnlyList<double>, double>)[]
                {
                    ("mean", values => values.Average()), ("standard_deviation", MetricText.Deviation),
                })
                {
                    json.WriteStartObject(name);
                    foreach (var metric in ofRuns[0].Metrics.Keys)
                    {
                        if (Values(ofRuns, metric) is { } values)
                            json.WriteNumber(metric, number(values));
                        else
                            json.WriteNull(metric);
                    }

                    json.WriteEndObject();
                }
            });
        }

        if (ofEnsemble is not null)
        {
            writer.Write(json =>
            {
                json.WriteStartArray(Ensemble);
                foreach (var run in _runs)
                    json.WriteStringValue(run);
                json.WriteEndArray();
                ResultJson.WriteFields(json, ofEnsemble, _options.Int8);
            });
        }
    });

    private IReadOnlyList<IReadOnlyList<string>> Table(SplitResult?[] results, IReadOnlyList<string> names, SplitResult? ofEnsemble)
    {
        string[] metrics = [.. results.OfType<SplitResult>().SelectMany(result => result.Metrics.Keys).Distinct()];
        IReadOnlyList<string> Row(string name, SplitResult result) =>
        [
            name, Number(result.N), Number(result.Invalid), .. metrics.Select(metric => MetricText.Percent(result.Metrics.GetValueOrDefault(metric))),
        ];
        return
        [
            ["run", "n", "invalid", .. metrics],
            .. names.Zip(results).Where(run => run.Second is not null).Select(run => Row(run.First, run.Second!)),
            .. Whole(results).Select(study => (string[])
            [
                $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(study.Path)))}: mean ± sd",
                string.Join(", ", study.Results.Select(result => result.N).Distinct().Select(Number)), "",
                .. metrics.Select(metric => Values(study.Results, metric) is { } values ? MetricText.MeanAndDeviation(values) : "-"),
            ]),
            .. ofEnsemble is null ? Array.Empty<IReadOnlyList<string>>() : [Row(Ensemble, ofEnsemble)],
        ];
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}

using System.CommandLine;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>evaluate</c>: metrics of finished runs on one split, or of a model, alone or with any prompt.</summary>
internal static class EvaluateCommand
{
    internal static Command Create()
    {
        var runs = new Argument<string[]>("RUN")
        {
            Description = "Run directories or studies, whose runs are evaluated one by one and as mean ± standard deviation. Several runs make a "
                + "table, a row for each. Runs on one model load it once; those with equal settings of rows also read these once and are scored in "
                + "one pass.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var splits = new SplitOptionSet();
        var task = new Option<string?>("--task")
        {
            Description = "Evaluate this task instead of the run's; it must have the same label words, such as ax-b for a prompt trained on "
                + "rte_superglue. With --model: the task.",
            HelpName = "NAME|FILE",
        };
        var data = new Option<string?>("--data")
        {
            Description = "Evaluate this folder of splits or this file, whose rows are then the split, instead of the run's or the task's own data.",
            HelpName = "DIR|FILE",
        };
        var predictions = new Option<string?>("--predictions")
        {
            Description = "Also write the predictions into this file, one JSON line per row; it is replaced if it exists. With --ensemble, "
                + "those of the runs together.",
            HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object per run instead of a table. One run always prints JSON." };
        var ensemble = new Option<bool>("--ensemble")
        {
            Description = "With several runs or a study: one row more, their prediction together by the mean of their probabilities.",
        };
        var allowMismatch = SharedOptions.AllowMismatch();
        var int8 = Int8Option.Create();
        var command = new Command("evaluate",
            "Evaluate runs, or a model with or without a prompt, on a split: "
                + "{\"n\", \"invalid\", \"metrics\", \"intervals\", \"undefined\"}, and \"int8\" with --int8.")
        {
            runs, task, data, predictions, json, ensemble, allowMismatch, int8,
        };
        splits.AddTo(command);
        var options = new EvaluateOptions(command);
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            string[] paths = [.. (parsed.GetValue(runs) ?? []).DistinctBy(Path.GetFullPath)];
            var ofModel = options.Model(parsed, paths.Length > 0, parsed.GetValue(task), parsed.GetValue(data), splits.Files(parsed));
            string[] members = [.. paths.SelectMany(RunFolders.Members).DistinctBy(Path.GetFullPath)];
            if (parsed.GetValue(ensemble) && members.Length < 2)
                throw new UsageException($"--ensemble needs several runs, or a study.");
            CheckFile(parsed.GetValue(predictions), parsed.GetValue(ensemble) ? 1 : members.Length);
            var backbone = BackboneOptions.Default with { Int8 = Int8Option.Checked(parsed.GetValue(int8)) };
            var rows = new EvaluatedRows(
                splits.Wanted(parsed), parsed.GetValue(task), parsed.GetValue(data), splits.Files(parsed), parsed.GetValue(allowMismatch),
                parsed.GetValue(predictions));
            if (ofModel is not null)
                EvaluateModel(parsed, options, ofModel, rows, backbone);
            else if (members is [var one] && paths.SequenceEqual(members))
                EvaluateRun(parsed, one, rows, backbone);
            else
                return new EvaluatedRuns(parsed, paths, rows, backbone).Print(parsed.GetValue(json), parsed.GetValue(ensemble));
            return ExitCode.Good;
        });
        return command;
    }

    private static void EvaluateRun(ParseResult parsed, string run, EvaluatedRows rows, BackboneOptions backbone)
    {
        HubAccess.EnsureRun(parsed, run, rows.Task, rows.Data, rows.ReadsData);
        using var trained = TrainedRun.Open(run, rows.AllowMismatch, backbone);
        SharedOptions.Warn(trained.Warnings);
        ResultJson.Print(trained.Evaluate(rows.Asked, rows.Predictions), backbone.Int8);
    }

    private static void EvaluateModel(ParseResult parsed, EvaluateOptions options, RunSpec spec, EvaluatedRows rows, BackboneOptions backbone)
    {
        if (options.Prompt(parsed) is { } prompt && !Path.Exists(prompt))
            throw AdapterException.NotFound(prompt);
        HubAccess.Ensure(parsed, spec, beforeModel: () =>
        {
            var task = spec.Task is null && spec.Template is null ? null : RunData.TaskOf(spec);
            _ = RunData.DataPath(spec, task);
        });
        using var model = ModelEvaluation.Open(spec, options.Prompt(parsed), options.MaxInputLength(parsed), rows.AllowMismatch, backbone);
        var result = model.Evaluate(rows.Split, rows.Predictions);
        SharedOptions.Warn(model.Warnings);
        ResultJson.Print(result, backbone.Int8);
    }

    /// <summary>What an evaluation needs of its file for predictions is checked before it computes for hours.</summary>
    private static void CheckFile(string? file, int runCount)
    {
        if (file is null)
            return;
        if (runCount > 1)
            throw new UsageException($"--predictions is a file for one run: give one, or --ensemble for the predictions of all together.");
        if (Directory.Exists(file))
            throw new UsageException($"--predictions is {ShownText.Value(file)}, which is a folder; expected a file.");
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new UsageException($"--predictions is {ShownText.Value(file)}, but its folder does not exist.");
    }
}

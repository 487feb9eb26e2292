using System.CommandLine;
using ResidualPrompts.Adapters;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Inspection;
using ResidualPrompts.Native;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>inspect</c>: nearest vocabulary pieces, norms and movement of a prompt's rows, and similarity between prompts.</summary>
internal static class InspectCommand
{
    private const string MapOption = "--heat-map";
    private const int MaxPieces = 100;

    internal static Command Create()
    {
        var prompts = new Argument<string[]>("PROMPT")
        {
            Description = "Run directories, studies, adapter directories or prompt files; or a model.",
            Arity = ArgumentArity.OneOrMore,
        };
        var model = SharedOptions.Model("the model of the first PROMPT that is a run or names one");
        var revision = SharedOptions.Revision();
        var nearest = new Option<int>("--nearest")
        {
            Description = "Number of nearest vocabulary pieces to show per row.",
            HelpName = "N",
            DefaultValueFactory = _ => 3,
        };
        var json = new Option<bool>("--json") { Description = "Print one JSON object instead of tables." };
        var map = new Option<string?>(MapOption)
        {
            Description = "Plot the cosine similarity of all pairs of rows into this .svg or .png file.",
            HelpName = "FILE",
        };
        var allowMismatch = SharedOptions.AllowMismatch();
        var command = new Command("inspect",
            "Show the nearest vocabulary pieces, length and movement of each prompt row, and how similar prompts are; "
                + "or the size and scale of a model.")
        {
            prompts, model, revision, nearest, json, map, allowMismatch,
        };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var count = parsed.GetValue(nearest);
            if (count is < 1 or > MaxPieces)
                throw new UsageException($"--nearest is {count}, expected 1 to {MaxPieces}.");
            if (parsed.GetValue(map) is { } file)
                Picture.Check(MapOption, file);
            if (parsed.GetValue(prompts) is [var only] && parsed.GetValue(model) is null && ModelReport.IsModel(only))
            {
                ModelReport.Print(only, HubAccess.Locate(parsed, only, parsed.GetValue(revision)), parsed.GetValue(json));
                return;
            }

            string[] paths = [.. parsed.GetValue(prompts)!.SelectMany(RunFolders.Members)];
            if (paths.FirstOrDefault(path => !Path.Exists(path)) is { } missing)
                throw AdapterException.NotFound(missing);
            var (name, version) = parsed.GetValue(model) is { } given ? (RunDirectory.ModelIn(given), parsed.GetValue(revision)) : ModelOf(paths);
            var folder = HubAccess.Locate(parsed, name, version);
            Run(paths, parsed.GetValue(model) ?? name, folder, count, parsed.GetValue(json), parsed.GetValue(map), parsed.GetValue(allowMismatch));
        });
        return command;
    }

    /// <summary>The model that the prompts were trained on, as the first run or contract names it.</summary>
    private static (string Name, string? Revision) ModelOf(string[] paths)
    {
        foreach (var path in paths)
        {
            if (RunDirectory.Is(path) && TrainedRun.SettingsOf(path) is var spec)
                return (spec.Model, spec.Revision);
            if (PromptContract.Find(path)?.Backbone is { Name: { } name } backbone)
                return (name, backbone.Revision);
        }

        throw new UsageException($"--model is needed: {paths[0]} is not a run, and names no model.");
    }

    private static void Run(string[] paths, string model, string folder, int count, bool asJson, string? map, bool allowMismatch)
    {
        LibTorch.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var backbone = ModelCatalog.Load(folder);
        using var vocabulary = new VocabularyView(backbone);
        var prompts = new List<InspectedPrompt>();
        try
        {
            foreach (var path in paths)
                prompts.Add(InspectedPrompt.Read(path, backbone, model, allowMismatch));
            SharedOptions.Warn(prompts.SelectMany(prompt => prompt.Warnings));
            Report(prompts, vocabulary, count, asJson, map);
        }
        finally
        {
            prompts.ForEach(prompt => prompt.Dispose());
        }
    }

    private static void Report(List<InspectedPrompt> prompts, VocabularyView vocabulary, int count, bool asJson, string? map)
    {
        Tensor[] rows = [.. prompts.Select(prompt => prompt.Rows)];
        if (map is not null)
            SimilarityMap.Write(MapOption, map, [.. prompts.Select(prompt => (prompt.Path, (int)prompt.Rows.shape[0]))],
                PromptSimilarity.OfRows(rows));
        InspectedRows[] inspected = [.. prompts.Select(prompt =>
            new InspectedRows(prompt.Path, prompt.Inspect(vocabulary, count), prompt.InspectRaw(vocabulary, count)))];
        if (asJson)
            InspectionReport.PrintJson(vocabulary.Lengths, inspected, PromptSimilarity.OfMeans(rows), PromptSimilarity.OfPairs(rows));
        else
            InspectionReport.Print(vocabulary.Lengths, inspected, PromptSimilarity.OfMeans(rows));
    }
}

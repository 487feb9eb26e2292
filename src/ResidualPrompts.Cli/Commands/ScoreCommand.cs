using System.CommandLine;
using System.Text.Json;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>score</c>: label scores and generated text for rows, with or without a prompt.</summary>
internal static class ScoreCommand
{
    private sealed record Settings(
        string Model, string? Revision, string? Prompt, string? Labels, string? LabelIds, int? Generate, int? MinNewTokens,
        bool IgnoreEos, string? Input, bool AllowMismatch, bool UsesInt8);

    internal static Command Create()
    {
        var model = SharedOptions.Model();
        var revision = SharedOptions.Revision();
        var prompt = new Option<string?>("--prompt")
        {
            Description = "A trained prompt: a run or PEFT adapter directory, .npy [P, H], .safetensors, or TGIS encoder.pt.",
            HelpName = "FILE|DIR",
        };
        var labels = new Option<string?>("--labels") { Description = "Labels to score, as text; </s> is appended to each.", HelpName = "A,B,…" };
        var labelIds = new Option<string?>("--label-ids")
        {
            Description = "Labels to score, as token ids; nothing is appended.",
            HelpName = "[[ids],…]",
        };
        var generate = new Option<int?>("--generate") { Description = "Generate up to N new tokens, greedily.", HelpName = "N" };
        var minNewTokens = new Option<int?>("--min-new-tokens")
        {
            Description = "With --generate: suppress </s> until N tokens have been generated. Default: 0.",
            HelpName = "N",
        };
        var ignoreEos = new Option<bool>("--ignore-eos") { Description = "With --generate: ignore </s> and generate exactly N tokens." };
        var input = SharedOptions.Input();
        var allowMismatch = SharedOptions.AllowMismatch();
        var int8 = Int8Option.Create();
        var command = new Command("score", "Score labels and generate text for JSON lines {\"text\"} or {\"input_ids\"}; prints JSON lines.")
        {
            model, revision, prompt, labels, labelIds, generate, minNewTokens, ignoreEos, input, allowMismatch, int8,
        };
        command.SetAction(parsed => Run(parsed, new Settings(
            parsed.GetValue(model)!, parsed.GetValue(revision), parsed.GetValue(prompt), parsed.GetValue(labels), parsed.GetValue(labelIds),
            parsed.GetValue(generate), parsed.GetValue(minNewTokens), parsed.GetValue(ignoreEos), parsed.GetValue(input),
            parsed.GetValue(allowMismatch), parsed.GetValue(int8))));
        return command;
    }

    private static void Run(ParseResult parsed, Settings settings)
    {
        Check(settings);
        var usesInt8 = Int8Option.Checked(settings.UsesInt8);
        var folder = HubAccess.Locate(parsed, RunDirectory.ModelIn(settings.Model), settings.Revision);
        LibTorch.EnsureLoaded();
        using var backbone = ModelCatalog.Load(folder, options: BackboneOptions.Default with { Int8 = usesInt8 });
        var request = new ScoringRequest(
            settings.Labels is not null
                ? LabelsFromText(settings.Labels, backbone)
                : settings.LabelIds is not null
                ? LabelsFromIds(settings.LabelIds, backbone)
                : null,
            settings.Generate is { } count ? new GenerationOptions(count, settings.MinNewTokens ?? 0, settings.IgnoreEos) : null);
        using var released = settings.Prompt is null
            ? null
            : ReleasedPrompt.Load(RunDirectory.AdapterIn(settings.Prompt), backbone, settings.Model, settings.AllowMismatch);
        SharedOptions.Warn(released?.Warnings ?? []);
        var scorer = new PromptScorer(backbone.Model, released?.Prompt);
        var input = RowInput.Open(settings.Input);
        var rows = JsonLines.Read(input.Lines, input.Source)
            .Select(row => (row.Line, Encoded: Encode(row, backbone, released?.Prompt.VirtualTokenCount ?? 0)));
        JsonLineWriter.Run(writer =>
        {
            foreach (var window in input.Windows(rows))
            {
                foreach (var (line, example) in window.Select(row => row.Line).Zip(scorer.Score(window.Select(row => row.Encoded), request)))
                {
                    if (example.Problem is { } problem)
                        throw DataException.AtLine(input.Source, line, problem);
                    Write(writer, example, backbone);
                }

                writer.Flush();
            }
        });
    }

    private static void Check(Settings settings)
    {
        if (settings.Labels is not null && settings.LabelIds is not null)
            throw new UsageException($"--labels and --label-ids exclude each other: labels are either text or ids.");
        if (settings.Labels is null && settings.LabelIds is null && settings.Generate is null)
            throw new UsageException($"Nothing to do: give --labels, --label-ids or --generate.");
        if (settings.Generate is { } count && count is < 1 or > 4096)
            throw new UsageException($"--generate is {count}, expected 1 to 4096 tokens.");
        if (settings.Generate is null && (settings.MinNewTokens is not null || settings.IgnoreEos))
            throw new UsageException($"--min-new-tokens and --ignore-eos require --generate, which is not given.");
        if (settings.MinNewTokens is { } least && (least < 0 || least > settings.Generate))
            throw new UsageException($"--min-new-tokens is {least}, expected 0 to --generate's {settings.Generate}.");
        if (settings.Labels is { } labels)
            _ = Words(labels);
        if (settings.Prompt is { } prompt && !Path.Exists(prompt))
            throw AdapterException.NotFound(prompt);
        RowInput.RequireThere(settings.Input);
    }

    private static int[][] LabelsFromText(string labels, Backbone backbone) =>
        [.. Words(labels).Select(word => backbone.Tokenizer.Encode(word))];

    private static string[] Words(string labels)
    {
        var words = labels.Split(',', StringSplitOptions.TrimEntries);
        return !words.Contains("") ? words
            : throw new UsageException(
                $"--labels \"{ShownText.Value(labels)}\" contains an empty label, expected words separated by single commas.");
    }

    private static int[][] LabelsFromIds(string text, Backbone backbone)
    {
        var labels = Parse(text);
        if (labels is not { Length: > 0 } || labels.Any(label => label is not { Length: > 0 }))
            throw new UsageException($"--label-ids is {ShownText.Value(text)}, "
                + $"expected an array of arrays of token ids such as [[121,1],[75,112,1]].");
        foreach (var label in labels)
        {
            if (backbone.Problem(label) is { } problem)
                throw new UsageException($"--label-ids: {problem}.");
        }

        return labels;
    }

    private static int[][]? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<int[][]>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static EncodedExample Encode(Example row, Backbone backbone, int virtualTokenCount)
    {
        var ids = row.Has("input_ids") ? row.Ids("input_ids") : TextIds(row, backbone.Tokenizer);
        if (backbone.Problem(ids) is { } problem)
            throw row.Problem(problem);
        if (ids.Length + virtualTokenCount == 0)
            throw row.Problem("'input_ids' is empty, expected at least one token without a prompt");
        return new EncodedExample(ids);
    }

    private static int[] TextIds(Example row, T5Tokenizer tokenizer)
    {
        try
        {
            return tokenizer.Encode(row.Text("text"));
        }
        catch (TokenizerException e)
        {
            throw row.Problem(e.Message);
        }
    }

    private static void Write(JsonLineWriter writer, ScoredExample example, Backbone backbone) => writer.Write(json =>
    {
        if (example.Scores is { } scores)
            json.WriteNumbers("scores", scores);
        if (example.GeneratedIds is { } ids)
        {
            json.WriteNumbers("generated_ids", ids);
            if (backbone.HasTokenizer)
                json.WriteString("generated", backbone.Tokenizer.Decode(ids, skipSpecialTokens: true));
        }
    });
}

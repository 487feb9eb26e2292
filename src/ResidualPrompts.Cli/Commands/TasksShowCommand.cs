using System.CommandLine;
using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Hub;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tasks show</c>: text, target and token ids that a task produces from rows.</summary>
internal static class TasksShowCommand
{
    private const int MaxInputTokens = 512;

    internal static Command Create()
    {
        var (task, data, compat) = (TasksCommand.Task(), TasksCommand.Data(), TasksCommand.Compat());
        var splits = new SplitOptionSet();
        var model = new Option<string?>("--model")
        {
            Description = "Also show the token ids of this model's tokenizer: a bundled name or a Hugging Face folder.",
            HelpName = "NAME|DIR",
        };
        var rows = new Option<int?>("--rows") { Description = "Show only the first N rows. Default: all.", HelpName = "N" };
        var command = new Command("show",
            "Show the examples that a task produces from a split, as JSON lines {\"index\",\"text\",\"target\"}; with --model also token ids.")
        {
            task, data, model, rows, compat,
        };
        splits.AddTo(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rows) is < 1)
                throw new UsageException($"--rows is {parsed.GetValue(rows)}, expected at least 1.");
            var found = TasksCommand.Find(parsed.GetValue(task)!, parsed.GetValue(compat));
            var tokenizer = parsed.GetValue(model) is { } name ? T5Tokenizer.Load(HubAccess.Locate(parsed, name, null, ModelParts.Tokenizer)) : null;
            var files = splits.Files(parsed);
            if (parsed.GetValue(data) is not null || files.Count == 0)
                HubAccess.EnsureData(parsed, found, parsed.GetValue(data));
            var encoder = tokenizer is null ? null : new ExampleEncoder(found, tokenizer, MaxInputTokens, virtualTokenCount: 0, _ => null);
            var shown = TasksCommand.Rows(found, parsed.GetValue(data), splits.Wanted(parsed), files)
                .Take(parsed.GetValue(rows) ?? int.MaxValue);
            JsonLineWriter.Run(writer =>
            {
                foreach (var row in shown)
                    writer.Write(json => Write(json, found, found.Read(row), encoder));
            });
        });
        return command;
    }

    private static void Write(Utf8JsonWriter json, TaskDefinition task, TaskExample row, ExampleEncoder? encoder)
    {
        // Without a known label, the row's target text is not what T5 is trained to generate.
        var target = task.Labels is not null && row.LabelIndex is null ? null : row.TargetText;
        json.WriteNumber("index", row.Index);
        json.WriteString("text", row.Text);
        json.WriteString("target", target);
        if (row.Group is not null)
        {
            json.WritePropertyName("group");
            json.WriteRawValue(row.Group);
        }

        if (encoder is null)
            return;
        json.WriteNumbers("input_ids", encoder.Input(row));
        if (target is null)
            json.WriteNull("target_ids");
        else
            json.WriteNumbers("target_ids", encoder.Target(target));
    }
}

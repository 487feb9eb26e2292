using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Hub;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tasks show</c>: text, target and token ids that a task produces from rows.</summary>
internal static class TasksShowCommand
{
    private const int MaxInputTokens = 512;

    private static readonly string[] OfTask =
        [nameof(RunSpec.Template), nameof(RunSpec.LabelWords), nameof(RunSpec.LabelField), nameof(RunSpec.Encoding), nameof(RunSpec.DataRevision)];

    internal static Command Create()
    {
        var task = new Argument<string?>("TASK")
        {
            Description = "A built-in task, or a JSON file that defines one. Not needed with --template and --label-words.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var (data, compat) = (TasksCommand.Data(), TasksCommand.Compat());
        var splits = new SplitOptionSet("train, validation or test. Without validation rows, those that train would hold out.");
        var settings = OfTask.Select(name => SettingHelp.All.First(help => help.Setting.Key == RunSpecProperty.Named(name).Key))
            .Select(help => (help.Setting, Option: new Option<string?>(help.OptionName) { Description = help.Text, HelpName = help.Placeholder }))
            .ToArray();
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
        foreach (var (_, option) in settings)
            command.Options.Add(option);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(rows) is < 1)
                throw new UsageException($"--rows is {parsed.GetValue(rows)}, expected at least 1.");
            var given = settings.Where(pair => parsed.GetValue(pair.Option) is not null)
                .Select(pair => KeyValuePair.Create(pair.Setting.Key, (JsonNode?)JsonValue.Create(parsed.GetValue(pair.Option))))
                .Append(KeyValuePair.Create("task", (JsonNode?)JsonValue.Create(parsed.GetValue(task))))
                .Append(KeyValuePair.Create("data", (JsonNode?)JsonValue.Create(parsed.GetValue(data))))
                .Append(KeyValuePair.Create("compat", (JsonNode?)JsonValue.Create(parsed.GetValue(compat) ?? "none")));
            var spec = RunSpecJson.Read(new JsonObject(given), "options") with { SaveName = "shown" };
            if ((spec with { Data = spec.Data ?? splits.Files(parsed).Values.FirstOrDefault() }).Validate() is { Count: > 0 } problems)
                throw RunSpecException.Of(problems);
            var found = RunData.TaskOf(spec);
            var files = splits.Files(parsed);
            if (spec.Data is not null || files.Count == 0)
                HubAccess.EnsureData(parsed, DataCatalog.NameOf(spec.Data, spec.NamedTask, spec.Compat), spec.DataRevision);
            var shown = Rows(spec, found, splits.Wanted(parsed), files).Take(parsed.GetValue(rows) ?? int.MaxValue);
            var tokenizer = parsed.GetValue(model) is { } name ? T5Tokenizer.Load(HubAccess.Locate(parsed, name, null, ModelParts.Tokenizer)) : null;
            var encoder = tokenizer is null ? null : new ExampleEncoder(found, tokenizer, MaxInputTokens, virtualTokenCount: 0, _ => null);
            JsonLineWriter.Run(writer =>
            {
                foreach (var row in shown)
                    writer.Write(json => Write(json, found, found.Read(row), encoder));
            });
        });
        return command;
    }

    /// <summary>The rows of a split, read lazily; where the data has no validation rows, those that a run holds out of the training rows.</summary>
    private static IEnumerable<Example> Rows(RunSpec spec, TaskDefinition task, DataSplit wanted, IReadOnlyDictionary<DataSplit, string> files)
    {
        var path = spec.Data is null && files.Count > 0 ? null : RunData.DataPath(spec, task);
        var options = new SourceOptions { Encoding = spec.Encoding.ToEncoding(), SingleFileSplit = wanted, SplitFiles = files };
        var source = DataSource.Open(path, task.Layout, options);
        if (wanted != DataSplit.Validation || source.Files.ContainsKey(wanted) || !source.Files.ContainsKey(DataSplit.Train))
            return source.Stream(wanted);
        var splits = source.Load(new SplitOptions(), task.ClassOf, task.Trains, task.GroupFields.Count > 0 ? task.GroupOf : null);
        foreach (var note in splits.Notes)
            Console.Error.WriteLine($"note: {note}");
        return splits.Validation ?? source.Stream(wanted);
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

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Files;

namespace ResidualPrompts.Tasks;

/// <summary>
/// A user's own task as a JSON file: the properties of <see cref="TaskDefinition"/> in snake_case. docs/guides/own-task.md explains them.
/// </summary>
/// <example>
/// <code>
/// { "name": "reviews", "template": "review: {body}", "label_words": { "1": "bad", "5": "good" }, "label_field": "stars", "data": "reviews" }
/// </code>
/// </example>
public static class TaskFile
{
    private static readonly string[] Keys =
    [
        "name", "source", "data", "hub_data_set", "splits", "columns", "fields", "template", "cut_field", "label_words", "label_field",
        "positive_label", "training_label",
        "target", "answers_field", "candidates_field", "group_fields", "cluster_fields", "answer", "evaluation", "metrics", "aggregate",
    ];

    /// <summary>Whether a name is that of a task file.</summary>
    /// <param name="nameOrFile">A built-in name, or a file.</param>
    public static bool IsFile(string nameOrFile)
    {
        ArgumentNullException.ThrowIfNull(nameOrFile);
        return nameOrFile.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads a task file. A relative data folder in it is looked for beside the file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TaskException">The file is unreadable or does not describe a task; the message says why.</exception>
    public static TaskDefinition Read(string path) => Parse(ReadJson(path), path);

    /// <summary>Reads the JSON of a task file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="TaskException">The file is unreadable, or is not a JSON object.</exception>
    public static JsonObject ReadJson(string path)
    {
        try
        {
            var json = JsonFile.Node(PlainFile.ReadNamed(path, PlainFile.LongestJson), JsonFormats.HandWritten) as JsonObject
                ?? throw TaskException.BadFile(path, "it holds no JSON object");
            if (json["data"] is JsonValue data && data.GetValueKind() == JsonValueKind.String
                && !BundledDataSets.Names.Contains(data.GetValue<string>()))
                json["data"] = Path.GetFullPath(data.GetValue<string>(), Path.GetDirectoryName(Path.GetFullPath(path))!);
            return json;
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is IOException or UnauthorizedAccessException)
        {
            throw TaskException.BadFile(path, File.Exists(path) ? JsonProblem.Of(e) : $"there is no such file.{NearestPath.Hint(path)}");
        }
    }

    /// <summary>Creates a task from the JSON of a task file.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="path">The name of the file in messages.</param>
    /// <exception cref="TaskException">The JSON does not describe a task; the message says why.</exception>
    public static TaskDefinition Parse(JsonObject json, string path)
    {
        ArgumentNullException.ThrowIfNull(json);
        foreach (var (key, _) in json)
        {
            if (!Keys.Contains(key))
                throw TaskException.BadFile(
                    path, $"'{ShownText.Value(key)}' is not a setting of a task"
                        + (NearestName.Of(key, Keys) is { } nearest ? $"; did you mean '{nearest}'?" : $"; there are {string.Join(", ", Keys)}"));
        }

        var reader = new TaskFileReader(json, path);
        var template = reader.Text("template")
            ?? throw TaskException.BadFile(path, "'template' is missing, the text of a row such as \"review: {body}\"");
        var target = reader.Text("target") is { } text ? Template.Parse(text) : null;
        var labels = reader.Pairs("label_words");
        if (labels is null == target is null)
            throw TaskException.BadFile(
                path, "expected either 'label_words', values and their words, or 'target', the text that T5 must write such as \"{answer}\"");
        var answers = reader.Text("answers_field");
        var candidates = reader.Text("candidates_field");
        var rule = reader.Choice<AnswerRule>("answer", target is null ? ["label-word"] : ["text", "number"])
            ?? (target is null ? AnswerRule.LabelWord : AnswerRule.Text);
        return new TaskDefinition
        {
            Name = reader.Text("name") ?? Path.GetFileNameWithoutExtension(path),
            Source = reader.Text("source"),
            DataSet = reader.Text("data"),
            HubDataSet = reader.Text("hub_data_set"),
            Layout = new DataLayout { SplitNames = reader.Splits(), Columns = reader.List("columns"), Fields = reader.Lists("fields") },
            Template = Template.Parse(template),
            CutField = reader.Text("cut_field"),
            Labels = labels is null ? null : LabelWords.Of(labels),
            LabelField = reader.Text("label_field") ?? "label",
            PositiveLabel = reader.Text("positive_label"),
            TrainingLabel = reader.Text("training_label"),
            OpenTarget = target is null ? null : row => target.Fields.All(row.Has) ? target.Render(row) : null,
            Answers = answers is null ? null : row => row.Has(answers) ? row.Texts(answers) : null,
            Candidates = candidates is null ? null : row => row.Texts(candidates),
            GroupFields = reader.List("group_fields") ?? [],
            ClusterFields = reader.List("cluster_fields") ?? [],
            AnswerRule = rule,
            Evaluation = reader.Choice<EvaluationMode>("evaluation", ["labels", "generate"])
                ?? (target is not null && candidates is null ? EvaluationMode.Generate : EvaluationMode.Labels),
            Metrics = reader.List("metrics")
                ?? (target is null ? ["accuracy", "f1_macro"] : rule == AnswerRule.Number ? ["pearson", "spearman"] : ["em", "f1"]),
            Aggregate = reader.List("aggregate") ?? [],
        };
    }

    /// <summary>The JSON of a file that is equivalent to a task; null when code builds its texts or answers, which a file cannot express.</summary>
    internal static JsonObject? ToJson(TaskDefinition task)
    {
        var isData = task is
        {
            Text: null, OpenTarget: null, Answers: null, Candidates: null, MaxTargetTokens: null, AnswerRule: AnswerRule.LabelWord,
            Cut: TextCut.Field,
            Layout: { Rows: null, Renumbers: false, SplitNames.Count: 0 },
        };
        if (!isData || task.Template is not { } template || task.Labels is not { } labels)
            return null;
        var json = new JsonObject
        {
            ["name"] = task.Name,
            ["source"] = task.Source,
            ["columns"] = JsonSerializer.SerializeToNode(task.Layout.Columns),
            ["fields"] = task.Layout.Fields.Count == 0 ? null : JsonSerializer.SerializeToNode(task.Layout.Fields),
            ["template"] = template.ToString(),
            ["cut_field"] = task.CutField,
            ["label_words"] = new JsonObject(labels.Values.Zip(labels.Words, (value, word) => KeyValuePair.Create(value, (JsonNode?)word))),
            ["label_field"] = task.LabelField,
            ["positive_label"] = task.PositiveLabel,
            ["training_label"] = task.TrainingLabel,
            ["group_fields"] = JsonSerializer.SerializeToNode(task.GroupFields),
            ["cluster_fields"] = task.ClusterFields.Count == 0 ? null : JsonSerializer.SerializeToNode(task.ClusterFields),
            ["evaluation"] = JsonNamingPolicy.KebabCaseLower.ConvertName(task.Evaluation.ToString()),
            ["metrics"] = JsonSerializer.SerializeToNode(task.Metrics),
            ["aggregate"] = JsonSerializer.SerializeToNode(task.Aggregate),
        };
        foreach (var key in json.Where(pair => pair.Value is null).Select(pair => pair.Key).ToArray())
            json.Remove(key);
        return json;
    }
}

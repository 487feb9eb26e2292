using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Files;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps.Reading;

namespace ResidualPrompts.Cli.Sweeps;

/// <summary>The JSON schema of sweep files, made of the table of settings, so that an editor knows every setting with its help.</summary>
internal static class SweepSchema
{
    private static readonly string[] OfTop = ["save_dir"];
    private static readonly string[] OfRuns = ["save_name"];

    /// <summary>The schema as text.</summary>
    internal static string Text => Schema().ToJsonString(JsonFormats.IndentedRelaxed) + "\n";

    private static JsonObject Schema() => new()
    {
        ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
        ["title"] = "A sweep of residual-prompts: many runs from one file",
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = Parts(SweepFileReader.TopKeys),
        ["$defs"] = new JsonObject
        {
            ["settings"] = Settings(OfRuns, setting => setting),
            ["run"] = Settings([], setting => setting),
            ["axes"] = Settings(OfRuns, setting => List(setting, "Values of the axis.")),
            ["group"] = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["properties"] = Parts(SweepFileReader.GroupKeys),
            },
            ["refine"] = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = false,
                ["required"] = new JsonArray("choose", "seeds"),
                ["properties"] = new JsonObject
                {
                    ["choose"] = new JsonObject
                    {
                        ["description"] = "The setting to choose, or several.",
                        ["oneOf"] = new JsonArray(SettingName(), List(SettingName(), "Settings.")),
                    },
                    ["by"] = Described("string", "validation, or validation:METRIC. Default: validation, with the task's first metric.")
                        .With("pattern", "^validation(:.+)?$"),
                    ["seeds"] = Seeds("Seeds of the best setting."),
                },
            },
            ["halving"] = Halving(),
        },
    };

    private static JsonObject Parts(IEnumerable<string> keys) => new(keys.Select(key => KeyValuePair.Create(key, (JsonNode?)Part(key))));

    private static JsonObject Part(string key) => key switch
    {
        "$schema" => Described("string", "This schema, for editors."),
        "save_dir" => Described("string", "Folder of the runs, relative to the file. Default: a folder named after the file, beside it."),
        "label" => Described("string", "Name in reports. Default: the group's name."),
        "base" => Reference("settings", "Settings of every run."),
        "axes" => Reference("axes", "Values of settings; the grid has every combination."),
        "runs" => List(Reference("run"), "Further runs, each with its own settings on top of base."),
        "seeds" => Seeds("Every run is trained with each of these seeds."),
        "exclude" => new JsonObject
        {
            ["description"] = "Partial settings; a run that has all of one item is left out.",
            ["type"] = "array",
            ["items"] = Reference("settings"),
        },
        "groups" => new JsonObject
        {
            ["description"] = "Named parts of the sweep.",
            ["type"] = "object",
            ["minProperties"] = 1,
            ["additionalProperties"] = Reference("group"),
        },
        "refine" => Reference("refine", "A second stage: more seeds for the best setting by validation, once the first runs are done."),
        "threads" => Described("integer", "Compute threads of each run.").With("minimum", 1).With("maximum", 4096),
        "halving" => Reference("halving", "Successive halving: bad settings stop early."),
        _ => throw new InvalidOperationException($"The schema does not know '{key}'."),
    };

    private static JsonObject Halving() => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray("rungs", "keep"),
        ["properties"] = new JsonObject
        {
            ["metric"] = Described("string", "Metric of the validation split. Default: the task's first one."),
            ["rungs"] = new JsonObject
            {
                ["description"] = "Budgets, from the least: epochs, or steps such as \"200steps\".",
                ["type"] = "array",
                ["minItems"] = 2,
                ["uniqueItems"] = true,
                ["items"] = new JsonObject
                {
                    ["oneOf"] = new JsonArray(
                        new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = 1_000_000 },
                        new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]*[1-9][0-9]*(steps)?$" }),
                },
            },
            ["keep"] = Described("number", "Share of the settings that continue.").With("exclusiveMinimum", 0).With("exclusiveMaximum", 1),
        },
    };

    private static JsonObject Settings(string[] without, Func<JsonObject, JsonObject> form) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["properties"] = new JsonObject(SettingHelp.All.Where(help => !OfTop.Contains(help.Setting.Key) && !without.Contains(help.Setting.Key))
            .Select(help => KeyValuePair.Create(help.Setting.Key, (JsonNode?)form(Setting(help))))),
    };

    private static JsonObject Setting(SettingHelp help)
    {
        var setting = help.Setting;
        var json = new JsonObject
        {
            ["description"] = setting.IsOnByDefault ? $"False: {char.ToLowerInvariant(help.Text[0])}{help.Text[1..]}" : help.Text,
        };
        if (setting.Words.Count > 0)
            json["enum"] = new JsonArray([.. setting.Words.Select(word => (JsonNode?)word), null]);
        else
            json["type"] = new JsonArray(setting.JsonType, "null");
        return json;
    }

    private static JsonObject SettingName() => new()
    {
        ["enum"] = new JsonArray([.. RunSpecProperty.All.Select(setting => (JsonNode?)setting.Key)]),
    };

    private static JsonObject Seeds(string description) => List(new JsonObject { ["type"] = "integer" }, description);

    private static JsonObject List(JsonObject item, string description) => new()
    {
        ["description"] = description,
        ["type"] = "array",
        ["minItems"] = 1,
        ["uniqueItems"] = true,
        ["items"] = item,
    };

    private static JsonObject Described(string type, string description) => new() { ["description"] = description, ["type"] = type };

    private static JsonObject Reference(string name, string? description = null) => description is null
        ? new JsonObject { ["$ref"] = $"#/$defs/{name}" }
        : new JsonObject { ["description"] = description, ["$ref"] = $"#/$defs/{name}" };

    private static JsonObject With(this JsonObject json, string key, JsonNode value)
    {
        json[key] = value;
        return json;
    }
}

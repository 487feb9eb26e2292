using System.Globalization;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Server.Tests;

/// <summary>Copies of one finished run: studies that differ in their learning rate, each with several seeds.</summary>
internal static class ManyRuns
{
    internal static TemporaryFolder Write(TinyRuns template, int studies, int seeds)
    {
        var folder = new TemporaryFolder();
        var plain = Path.Combine(template.Runs, "plain");
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(plain, "run.json")))!;
        for (var study = 1; study <= studies; study++)
        {
            for (var seed = 0; seed < seeds; seed++)
            {
                var run = Directory.CreateDirectory(folder.File(string.Create(CultureInfo.InvariantCulture, $"rate-{study}"), $"seed-{seed}"))
                    .FullName;
                record["spec"]!["learning_rate"] = study / 100.0;
                record["spec"]!["seed"] = seed;
                File.WriteAllText(Path.Combine(run, "run.json"), record.ToJsonString());
                File.Copy(Path.Combine(plain, "events.jsonl"), Path.Combine(run, "events.jsonl"));
            }
        }

        return folder;
    }
}

using System.IO.Compression;
using System.Text.Json;

namespace ResidualPrompts.ComparePrograms;

/// <summary>Input files of the commands, taken from the bundled data; the same for both programs.</summary>
internal static class Inputs
{
    internal static void Write(Session session, string datasets)
    {
        string[] Rows(string data, string split, int count) => [.. File.ReadLines(Path.Combine(datasets, data, split + ".jsonl")).Take(count)];
        void Write(string name, params IEnumerable<string> lines) =>
            File.WriteAllText(session.In($"inputs/{name}"), string.Concat(lines.Select(line => line + "\n")));

        // The JSON has the label first; a CSV row is the label and the quoted sentence.
        static string[] Csv(IEnumerable<string> rows, string header) => [header, .. rows.Select(row =>
        {
            using var json = JsonDocument.Parse(row);
            var sentence = json.RootElement.GetProperty("sentence").GetString()!;
            return $"{json.RootElement.GetProperty("label").GetInt32()},\"{sentence.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        })];

        var sentences = Rows("subj", "test", 90);
        Write("rows.jsonl", sentences);
        Write("rows.csv", Csv(sentences, "label,sentence"));
        Write("own.csv", Csv(Rows("subj", "train", 60), "kind,body"));
        using (var packed = new GZipStream(File.Create(session.In("inputs/rows.csv.gz")), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(session.In("inputs/rows.csv")));
        // More than the 1,024 rows of a window, so that the process can be killed between two windows.
        Write("many.jsonl", Rows("subj", "train", 1700));
        Write("bad.jsonl", sentences[0], """{"label": 1}""", "no JSON", sentences[1],
            """{"sentence": "x", "label": 7}""", """{"sentence": "a twice told tale"}""");
        Write("bad.csv", "sentence,label", "fine,1", "one cell too many,1,2", "also fine,0");
        Write("copa.jsonl", Rows("copa", "validation", 12));
        Write("wsc.jsonl", Rows("wsc", "validation", 12));
        Write("text.txt", "two brothers travel to paris to find their father .", "",
            "a warm and funny film — naïve, 100 %", "  tabs\tand  spaces ");
        Write("text.jsonl", """{"text": "a clumsy script ."}""", """{"text": "she leaves the town at night ."}""", """{"text": ""}""");
        Write("ids.jsonl", """{"input_ids": [37, 1150, 19, 1]}""", """{"input_ids": [8, 5, 1]}""");
        Write("table.tsv", "1\tfirst", "2\tsecond", "2\tsecond");
        Write("settings.json", """
            {
              "task": "subj", "model": "t5-nano", "few_shot": 8, "validation_per_class": 8,
              "epochs": 1, "prompt_length": 3, "save_name": "config"
            }
            """);
        Write("task.json", """{"template": "review: {body}", "label_words": {"0": "bad", "1": "good"}, "label_field": "kind", "data": "own.csv"}""");
        Write("open.json", """{"template": "{premise}", "target": "{choice1}", "metrics": ["em", "f1"]}""");
        Write("keys.txt", "sixteen-characters-or-more");
    }
}

using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>data check</c>: reads every row of a data set and prints a summary.</summary>
internal static class DataCommand
{
    internal static Command Create()
    {
        var path = new Argument<string>("DATA")
        {
            Description = "A folder with one file per split, a single file, a bundled data set, or a data set in the hub's cache.",
        };
        var split = new Option<string>("--split")
        {
            Description = "Split of a single file: train, validation or test.",
            HelpName = "S",
            DefaultValueFactory = _ => "train",
        };
        split.OnlyFrom("train", "validation", "test");
        var columns = new Option<string?>("--columns")
        {
            Description = "Column names of a table without a header, separated by commas.",
            HelpName = "A,B,…",
        };
        var encoding = SharedOptions.Encoding();
        var check = new Command("check", "Read every row and print files, rows, fields and duplicates, one JSON object per split.")
        {
            path, split, columns, encoding,
        };
        check.SetAction(parsed =>
        {
            var source = DataSource.Open(DataCatalog.Locate(parsed.GetValue(path)!),
                new DataLayout { Columns = parsed.GetValue(columns)?.Split(',') }, new SourceOptions
                {
                    SingleFileSplit = Enum.Parse<DataSplit>(parsed.GetValue(split)!, ignoreCase: true),
                    Encoding = TextEncoding.Parse(parsed.GetValue(encoding)!).ToEncoding(),
                });
            if (source.Files.Count == 0)
                _ = source.Read(DataSplit.Train); // throws with the reason
            JsonLineWriter.Run(writer =>
            {
                foreach (var (part, files) in source.Files)
                {
                    var summary = DataSummary.Of(source.Stream(part));
                    Write(writer, part, files, summary);
                    if (summary.Fields is [var only] && files.Any(ExampleFile.IsTable) && Example.HintAt(only.Key) is { } hint)
                        Console.Error.WriteLine($"note: the only column is '{Example.Shortened(only.Key)}'{hint}");
                }
            });

            foreach (var note in source.Notes.Concat(source.Files.Values.SelectMany(files => files).SelectMany(ExampleFile.Notes)))
                Console.Error.WriteLine($"note: {note}");
        });
        return new Command("data", "Examine data.") { check };
    }

    private static void Write(JsonLineWriter writer, DataSplit split, IReadOnlyList<string> files, DataSummary summary) => writer.Write(json =>
    {
        json.WriteString("split", split.ToString().ToLowerInvariant());
        json.WriteStartArray("files");
        foreach (var file in files)
            json.WriteStringValue(Path.GetFileName(file));
        json.WriteEndArray();
        json.WriteNumber("rows", summary.RowCount);
        json.WriteNumber("duplicates", summary.DuplicateCount);
        json.WriteStartObject("fields");
        foreach (var (name, count) in summary.Fields)
            json.WriteNumber(name, count);
        json.WriteEndObject();
    });
}

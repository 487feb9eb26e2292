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
        var path = new Argument<string?>("DATA")
        {
            Description = "A folder with one file per split, a single file, a bundled data set, or a data set in the hub's cache. "
                + "It may be left out where files of splits are given.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var splits = new SplitOptionSet("Split of a single file: train, validation or test.", DataSplit.Train);
        var columns = new Option<string?>("--columns")
        {
            Description = "Column names of a table without a header, separated by commas.",
            HelpName = "A,B,…",
        };
        var encoding = SharedOptions.Encoding();
        var check = new Command("check",
            "Read every row and print files, rows, fields, duplicates, and rows shared with an earlier split: one JSON object per split.")
        {
            path, columns, encoding,
        };
        splits.AddTo(check);
        check.SetAction(parsed =>
        {
            var files = splits.Files(parsed);
            if (parsed.GetValue(path) is null && files.Count == 0)
                throw new UsageException($"There is no data to check: give DATA, or files of splits such as --train FILE.");
            var source = DataSource.Open(parsed.GetValue(path) is { } data ? DataCatalog.Locate(data) : null,
                new DataLayout { Columns = parsed.GetValue(columns)?.Split(',') }, new SourceOptions
                {
                    SingleFileSplit = splits.Named(parsed),
                    SplitFiles = files,
                    Encoding = TextEncoding.Parse(parsed.GetValue(encoding)!).ToEncoding(),
                });
            if (source.Files.Count == 0)
                _ = source.Read(DataSplit.Train); // throws with the reason
            JsonLineWriter.Run(writer =>
            {
                HashSet<UInt128>? earlier = source.Files.Count > 1 ? [] : null;
                foreach (var (part, ofPart) in source.Files)
                {
                    var summary = DataSummary.Of(source.Stream(part), earlier);
                    Write(writer, part, ofPart, summary);
                    if (summary.Fields is [var only] && ofPart.Any(ExampleFile.IsTable) && Example.HintAt(only.Key) is { } hint)
                        Console.Error.WriteLine($"note: the only column is '{Example.Shortened(only.Key)}'{hint}");
                }
            });

            var ofFiles = source.Files.Values.SelectMany(ofPart => ofPart).SelectMany(ExampleFile.Notes);
            foreach (var note in source.Findings.Select(finding => finding.Message).Concat(ofFiles))
                Console.Error.WriteLine($"note: {note}");
        });
        return new Command("data", "Examine data.") { check };
    }

    private static void Write(JsonLineWriter writer, DataSplit split, IReadOnlyList<string> files, DataSummary summary) => writer.Write(json =>
    {
        json.WriteString("split", split.Name());
        json.WriteStartArray("files");
        foreach (var file in files)
            json.WriteStringValue(Path.GetFileName(file));
        json.WriteEndArray();
        json.WriteNumber("rows", summary.RowCount);
        json.WriteNumber("duplicates", summary.DuplicateCount);
        json.WriteNumber("shared", summary.SharedCount);
        json.WriteStartObject("fields");
        foreach (var (name, count) in summary.Fields)
            json.WriteNumber(name, count);
        json.WriteEndObject();
    });
}

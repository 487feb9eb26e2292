using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>data check</c>: reads every row of a data set and says what is there.</summary>
internal static class DataCommand
{
    internal static Command Create()
    {
        var path = new Argument<string>("DATA") { Description = "A folder with a file for each split, one file, a bundled data set, or one of the hub that is on this machine." };
        var split = new Option<string>("--split") { Description = "What the rows of a single file are: train, validation or test. Default: train.", HelpName = "S", DefaultValueFactory = _ => "train" };
        split.OnlyFrom("train", "validation", "test");
        var columns = new Option<string?>("--columns") { Description = "Names of the columns of a table that has no header, by comma.", HelpName = "A,B,…" };
        var encoding = SharedOptions.Encoding();
        var check = new Command("check", "Read every row: files, rows, fields, and rows that are there more than once, one JSON object a split.") { path, split, columns, encoding };
        check.SetAction(parsed =>
        {
            var source = DataSource.Open(DataCatalog.Locate(parsed.GetValue(path)!), new DataLayout { Columns = parsed.GetValue(columns)?.Split(',') }, new SourceOptions
            {
                SingleFileSplit = Enum.Parse<DataSplit>(parsed.GetValue(split)!, ignoreCase: true),
                Encoding = TextEncoding.Parse(parsed.GetValue(encoding)!).ToEncoding(),
            });
            if (source.Files.Count == 0)
                _ = source.Read(DataSplit.Train); // says what is missing
            using var writer = new JsonLineWriter();
            foreach (var (part, files) in source.Files)
                Write(writer, part, files, DataSummary.Of(source.Stream(part)));
            foreach (var note in source.Notes)
                Console.Error.WriteLine($"note: {note}");
        });
        return new Command("data", "Look at data.") { check };
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

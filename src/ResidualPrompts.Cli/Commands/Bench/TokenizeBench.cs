using System.CommandLine;
using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench tokenize</c>: compares the tokenizer with Google's <c>spm_encode</c> on the same text, alternately, on one core each.</summary>
internal static class TokenizeBench
{
    private const int BundledRows = 2000;

    internal static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description = "A bundled model, or a folder with spiece.model.",
            HelpName = "NAME|DIR",
            DefaultValueFactory = _ => "t5-nano",
        };
        var data = new Option<string?>("--data")
        {
            Description = "File of rows whose text is tokenized. Default: bundled reviews.",
            HelpName = "FILE",
        };
        var field = new Option<string>("--field")
        {
            Description = "With --data: the field that contains the text.",
            HelpName = "NAME",
            DefaultValueFactory = _ => "text",
        };
        var megabytes = BenchOptions.Number("--megabytes", 8, "Size of the text per round in MB; the data is repeated to fill it.");
        var rounds = BenchOptions.Number("--rounds", 3, "Number of rounds; each program's best counts.");
        var json = BenchOptions.Json();
        var command = new Command("tokenize", "Measure the tokenizer, and Google's spm_encode if it is installed, in megabytes of text per second.")
        {
            model, data, field, megabytes, rounds, json,
        };
        command.SetAction(parsed => ResultPrinter.Print(
            Measure(
                BundledModels.Locate(parsed.GetValue(model)!),
                Repeat(
                    parsed.GetValue(data) is { } file
                        ? ExampleFile.Read(file).Select(row => row.Text(parsed.GetValue(field)!))
                        : ReviewRows.Texts(BundledRows),
                    parsed.GetValue(megabytes)),
                parsed.GetValue(rounds)),
            parsed.GetValue(json)));
        return command;
    }

    private static JsonObject Measure(string folder, List<string> texts, int rounds)
    {
        var tokenizer = T5Tokenizer.Load(folder);
        using var files = new ScratchFolder();
        var (lines, nothing) = (files.File("lines.txt"), files.File("nothing.txt"));
        File.WriteAllLines(lines, texts);
        File.WriteAllText(nothing, "");
        var megabytes = texts.Sum(text => Encoding.UTF8.GetByteCount(text)) / 1e6;
        _ = Encode(tokenizer, texts); // compiles the most used code
        var load = MachineLoad.Start();
        var (own, others, allocated, pieces) = (double.PositiveInfinity, double.PositiveInfinity, 0L, 0L);
        for (var round = 0; round < rounds; round++)
        {
            if (SentencePieceProgram.EncodingSeconds(Path.Combine(folder, T5Tokenizer.ModelFileName), lines, nothing) is { } seconds)
                others = Math.Min(others, seconds);
            var (begin, before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            pieces = Encode(tokenizer, texts);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            own = Math.Min(own, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        var result = new JsonObject
        {
            ["megabytes"] = megabytes,
            ["pieces"] = pieces,
            ["megabytes_per_second"] = megabytes / own,
            ["spm_encode_megabytes_per_second"] = double.IsFinite(others) ? megabytes / others : null,
            ["rate_by_spm_encode"] = double.IsFinite(others) ? others / own : null,
            ["allocated_bytes_per_piece"] = (double)allocated / pieces, // an id takes 4
        };
        Machine.Describe(result, load);
        return result;
    }

    private static long Encode(T5Tokenizer tokenizer, List<string> texts)
    {
        var count = 0L;
        foreach (var text in texts)
            count += tokenizer.Encode(text).Length;
        return count;
    }

    private static List<string> Repeat(IEnumerable<string> texts, int megabytes)
    {
        string[] all = [.. texts.Select(text => text.ReplaceLineEndings(" "))]; // spm_encode reads lines
        var (repeated, size) = (new List<string>(), 0L);
        for (var i = 0; size < megabytes * 1_000_000L; i++)
        {
            repeated.Add(all[i % all.Length]);
            size += all[i % all.Length].Length;
        }

        return repeated;
    }
}

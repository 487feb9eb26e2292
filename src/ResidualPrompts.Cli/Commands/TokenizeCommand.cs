using System.CommandLine;
using System.Text.Json;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Hub;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tokenize</c>: converts text to token ids and back. Needs only the tokenizer's files, neither weights nor libtorch.</summary>
internal static class TokenizeCommand
{
    internal static Command Create()
    {
        var model = SharedOptions.Model();
        var revision = SharedOptions.Revision();
        var input = SharedOptions.Input();
        var jsonl = new Option<bool>("--jsonl") { Description = "Read JSON lines {\"text\":\"…\"} instead of plain text." };
        var decode = new Option<bool>("--decode") { Description = "Decode instead: JSON lines {\"ids\":[…]} become {\"text\":\"…\"}." };
        var maxLength = new Option<int?>("--max-length")
        {
            Description = "Truncate to N tokens, </s> included. Default: no truncation.",
            HelpName = "N",
        };
        var skipSpecial = new Option<bool>("--skip-special-tokens") { Description = "With --decode: omit </s>, <pad>, <unk> and sentinels." };
        var keepSpaces = new Option<bool>("--keep-spaces")
        {
            Description = "With --decode: keep spaces before punctuation, which are otherwise removed.",
        };
        var command = new Command("tokenize", "Convert lines of text to JSON lines {\"ids\":[…]} with T5's tokenizer, or back.")
        {
            model, revision, input, jsonl, decode, maxLength, skipSpecial, keepSpaces,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(maxLength) is < 1)
                throw new UsageException($"--max-length is {parsed.GetValue(maxLength)}, expected at least 1.");
            RowInput.RequireThere(parsed.GetValue(input));
            var tokenizer = T5Tokenizer.Load(HubAccess.Locate(parsed, parsed.GetValue(model)!, parsed.GetValue(revision), ModelParts.Tokenizer));
            var given = RowInput.Open(parsed.GetValue(input));
            var most = parsed.GetValue(maxLength);
            var (skips, cleansUp) = (parsed.GetValue(skipSpecial), !parsed.GetValue(keepSpaces));
            if (parsed.GetValue(decode))
                Write(given, JsonLines.Read(given.Lines, given.Source).Select(row =>
                    Convert(() => tokenizer.Decode(row.Ids("ids"), skips, cleansUp), problem => row.Problem(problem))),
                    (json, text) => json.WriteString("text", text));
            else
                Write(given, parsed.GetValue(jsonl)
                    ? JsonLines.Read(given.Lines, given.Source).Select(row =>
                        Convert(() => tokenizer.Encode(row.Text("text"), most), problem => row.Problem(problem)))
                    : given.Lines.Select(line =>
                        Convert(() => tokenizer.Encode(line.Text, most), problem => DataException.AtLine(given.Source, line.Number, problem))),
                    (json, ids) => json.WriteNumbers("ids", ids));
        });
        return command;
    }

    /// <summary>Runs the tokenizer on one line; an error message contains the line's number.</summary>
    private static T Convert<T>(Func<T> convert, Func<string, DataException> problemOfLine)
    {
        try
        {
            return convert();
        }
        catch (TokenizerException e)
        {
            throw problemOfLine(e.Message);
        }
    }

    private static void Write<T>(RowInput input, IEnumerable<T> rows, Action<Utf8JsonWriter, T> fields) => JsonLineWriter.Run(writer =>
    {
        foreach (var window in input.Windows(rows))
        {
            foreach (var row in window)
                writer.Write(json => fields(json, row));
            writer.Flush();
        }
    });
}

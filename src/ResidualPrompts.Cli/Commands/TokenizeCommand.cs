using System.CommandLine;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Models;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>tokenize</c>: text to ids and back. Needs the tokenizer's files only, no weights and no libtorch.</summary>
internal static class TokenizeCommand
{
    internal static Command Create()
    {
        var model = SharedOptions.Model();
        var input = SharedOptions.Input();
        var jsonl = new Option<bool>("--jsonl") { Description = "Each line is a JSON object with a field \"text\" (with --decode always: \"ids\")." };
        var decode = new Option<bool>("--decode") { Description = "The other way: lines {\"ids\":[…]} become {\"text\":\"…\"}." };
        var maxLength = new Option<int?>("--max-length") { Description = "Cut to so many tokens, </s> included. Default: no cut.", HelpName = "N" };
        var skipSpecial = new Option<bool>("--skip-special-tokens") { Description = "With --decode: leave out </s>, <pad>, <unk> and sentinels." };
        var keepSpaces = new Option<bool>("--keep-spaces") { Description = "With --decode: keep the spaces before punctuation that are otherwise closed up." };
        var command = new Command("tokenize", "Turn lines of text into lines {\"ids\":[…]} with T5's tokenizer, or back.")
        {
            model, input, jsonl, decode, maxLength, skipSpecial, keepSpaces,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(maxLength) is < 1)
                throw new UsageException($"--max-length is {parsed.GetValue(maxLength)}, expected at least 1.");
            var tokenizer = T5Tokenizer.Load(BundledModels.Locate(parsed.GetValue(model)!));
            var (lines, source) = SharedOptions.Read(parsed.GetValue(input));
            if (parsed.GetValue(decode))
                Decode(tokenizer, JsonLines.Read(lines, source), parsed.GetValue(skipSpecial), !parsed.GetValue(keepSpaces));
            else
                Encode(tokenizer, parsed.GetValue(jsonl) ? JsonLines.Read(lines, source).Select(row => row.Text("text")) : lines.Select(line => line.Text), parsed.GetValue(maxLength));
        });
        return command;
    }

    private static void Encode(T5Tokenizer tokenizer, IEnumerable<string> texts, int? maxLength)
    {
        // Everything is read before anything is written: a broken line leaves no half of a result behind.
        var all = texts.ToList();
        using var writer = new JsonLineWriter();
        foreach (var text in all)
            writer.Write(json => json.WriteNumbers("ids", tokenizer.Encode(text, maxLength)));
    }

    private static void Decode(T5Tokenizer tokenizer, IEnumerable<Example> rows, bool skipSpecialTokens, bool cleanUpSpaces)
    {
        var texts = new List<string>();
        foreach (var row in rows)
        {
            try
            {
                texts.Add(tokenizer.Decode(row.Ids("ids"), skipSpecialTokens, cleanUpSpaces));
            }
            catch (TokenizerException e)
            {
                throw row.Problem(e.Message);
            }
        }

        using var writer = new JsonLineWriter();
        foreach (var text in texts)
            writer.Write(json => json.WriteString("text", text));
    }
}

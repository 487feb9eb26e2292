using System.Globalization;
using ResidualPrompts.Adapters;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>The command lines in an adapter's model card.</summary>
internal static class CardCommands
{
    internal static string Of(PromptContract contract)
    {
        var answers = contract.LabelWords is { } labels
            ? $"--labels {Shell(string.Join(',', labels.Words))}"
            : string.Create(CultureInfo.InvariantCulture, $"--generate {contract.MaxNewTokens}");
        return $"""
            On the command line, from the folder above this one:

                residual-prompts predict . --input rows.jsonl
                residual-prompts score --model {Shell(contract.Backbone.Name)} --prompt adapter {answers} --input rows.jsonl
            """;
    }

    private static string Shell(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./,".Contains(c)) ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Data;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Predict;

/// <summary>Converts the inputs of a request into rows: a text is the model input, an object fills the template of each prompt.</summary>
internal sealed class InputEncoder(ServedModel model, PromptServingOptions options, ServingLog log)
{
    /// <summary>
    /// One row per pair of input and prompt, and of a study one for each of its prompts; the rows of an input are adjacent.
    /// </summary>
    /// <exception cref="RequestProblem">Too many rows, a row that is too long, or an input that does not fit a template.</exception>
    internal List<PromptedInput> Encode(IReadOnlyList<ServedPrompt> prompts, IReadOnlyList<JsonElement> inputs)
    {
        var promptCount = prompts.Sum(prompt => prompt.Members.Count);
        var (rowCount, most) = (inputs.Count * (long)promptCount, options.MaxRows);
        if (rowCount > most)
            throw RequestProblem.Bad(
                $"The request has {inputs.Count} inputs for {promptCount} {(promptCount == 1 ? "prompt" : "prompts")}, {rowCount} rows; "
                + $"expected at most {most}.");
        var rows = new List<PromptedInput>((int)rowCount);
        for (var i = 0; i < inputs.Count; i++)
        {
            string? text = null;
            int[] ids = [];
            foreach (var prompt in prompts)
            {
                var ofPrompt = TextOf(inputs[i], i, prompt);
                if (ofPrompt != text)
                {
                    (text, ids) = (ofPrompt, model.Backbone.Tokenizer.Encode(ofPrompt));
                    if (options.LogInputs)
                        log.Inputs.LogInformation("{Prompt}: {Text}", ShownText.Value(prompt.Name), ShownText.Value(text, int.MaxValue));
                }

                foreach (var member in prompt.Members)
                {
                    var row = new PromptedInput(ids, member);
                    if (row.Length > options.MaxTokens)
                        throw RequestProblem.Bad(
                            $"'inputs'[{i}] has {ids.Length} tokens and prompt '{prompt.Name}' {prompt.VirtualTokenCount}, "
                            + $"expected at most {options.MaxTokens} together; nothing is truncated.");
                    rows.Add(row);
                }
            }
        }

        return rows;
    }

    private static string TextOf(JsonElement input, int index, ServedPrompt prompt)
    {
        if (input.ValueKind == JsonValueKind.String)
            return RequestJson.Text(input, $"'inputs'[{index}]");
        if (input.ValueKind != JsonValueKind.Object)
            throw RequestProblem.Bad(
                $"'inputs'[{index}] is {RequestJson.Kind(input)}, expected a text, or an object that fills the prompt's template.");
        if (prompt.Task is not { } task)
            throw RequestProblem.Bad(
                $"'inputs'[{index}] is an object, but prompt '{prompt.Name}' has no template to fill: send the model input as text.");
        try
        {
            return task.Read(Example.Of(input, "inputs", index + 1, index)).Text;
        }
        catch (InvalidOperationException)
        {
            throw RequestProblem.Bad($"'inputs'[{index}] contains a text or a key that is not valid Unicode.");
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Adapters;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Release;

/// <summary>The README of an adapter directory: the prompt, its results, its settings, and its use.</summary>
internal static class ModelCard
{
    internal const string FileName = "README.md";

    internal static string Of(RunSpec spec, PromptContract contract, T5Family family, RunResult result, int segmentCount, string? usage)
    {
        var card = new StringBuilder();
        var model = contract.Backbone.Name;
        var method = contract.Reparameterization == "none"
            ? "prompt tuning"
            : $"prompt tuning through a network ({contract.Reparameterization}; folded into the rows)";
        var onTask = contract.Task is { } task ? $" on the task {task}" : "";
        card.Append(CultureInfo.InvariantCulture, $"""
            ---
            base_model: {Quoted(model)}
            library_name: peft
            tags:
            - prompt-tuning
            - t5
            ---

            # {spec.SaveName}: a soft prompt of {contract.VirtualTokenCount} virtual tokens for {model}

            Made by {method}{onTask}.
            `{PromptContract.FileName}` describes its backbone, its text and its labels.

            ## Results


            """);
        AppendResults(card, result);
        if (segmentCount > 1)
        {
            card.Append(CultureInfo.InvariantCulture, $"\nTrained in {segmentCount} segments that were computed differently; ")
                .Append("the same training in one piece need not give the same bytes.\n");
        }

        card.Append("\n## Spec\n\nSettings that are not the defaults, and the seed:\n\n| setting | value |\n|---|---|\n");
        foreach (var (key, value) in Settings(spec))
            card.Append(CultureInfo.InvariantCulture, $"| {key} | {Cell(value?.ToString() ?? "")} |\n");
        card.Append("\n## Use\n\n");
        if (usage is not null)
            card.Append(usage.TrimEnd()).Append("\n\n");
        if (contract.LabelWords is not null)
        {
            card.Append("""
                With ResidualPrompts in C#, from the folder above this one:

                    using var classifier = PromptClassifier.Open("adapter");
                    Console.WriteLine(classifier.Predict("the text of an example").Label);


                """);
        }

        var modelClass = $"{family}ForConditionalGeneration"; // T5's class would drop the position biases of umT5
        var text = Python(contract.Template ?? "the text of an example");
        card.Append(CultureInfo.InvariantCulture, $$"""
            With PEFT, where `{{model}}` is a folder or a name that transformers can load:

                from peft import PeftModel
                from transformers import AutoTokenizer, {{modelClass}}

                tokenizer = AutoTokenizer.from_pretrained({{Python(model)}})
                model = PeftModel.from_pretrained({{modelClass}}.from_pretrained({{Python(model)}}), "adapter").eval()
                inputs = tokenizer({{text}}, return_tensors="pt")  # an example's fields in place of the braces
                print(tokenizer.decode(model.generate(**inputs, max_new_tokens={{contract.MaxNewTokens}})[0], skip_special_tokens=True))


            """);
        return card.ToString().TrimEnd() + "\n";
    }

    private static void AppendResults(StringBuilder card, RunResult result)
    {
        var splits = new[]
        {
            ("validation", result.Validation), ("test", result.Test), ("test, constant answer", result.Baselines?.Constant.Result),
            ("test, model without a prompt", result.Baselines?.Untuned.Result),
        }.Where(split => split.Item2 is not null).ToArray();
        if (splits.Length == 0)
        {
            card.Append("None: there was no labeled data to score it on.\n");
            return;
        }

        var metrics = splits.SelectMany(split => split.Item2!.Metrics.Keys).Distinct().ToArray();
        card.Append(CultureInfo.InvariantCulture, $"| split | examples | {string.Join(" | ", metrics)} | invalid answers |\n");
        card.Append(CultureInfo.InvariantCulture, $"|---|---|{string.Concat(metrics.Select(_ => "---|"))}---|\n");
        foreach (var (name, split) in splits)
        {
            var values = metrics.Select(metric => split!.Metrics.GetValueOrDefault(metric) is { } value
                ? string.Create(CultureInfo.InvariantCulture, $"{100 * value:0.0} %")
                : "-");
            card.Append(CultureInfo.InvariantCulture, $"| {name} | {split!.N} | {string.Join(" | ", values)} | {split.Invalid} |\n");
        }

        card.Append(
            CultureInfo.InvariantCulture,
            $"\nReleased: the {result.Released} prompt, of {result.ReleasedState}.\n");
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Settings(RunSpec spec)
    {
        var defaults = RunSpecJson.WriteAll(new RunSpec());
        return RunSpecJson.Write(spec).Where(pair => pair.Key == "seed"
            || (pair.Key is not ("save_dir" or "save_name") && pair.Value is not null && !JsonNode.DeepEquals(pair.Value, defaults[pair.Key])));
    }

    private static string Quoted(string text) => JsonValue.Create(text).ToJsonString();

    private static string Python(string text) => Quoted(text);

    private static string Cell(string text) => $"`{text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ').Replace('`', '\'')}`";
}

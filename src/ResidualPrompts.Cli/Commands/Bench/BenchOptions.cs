using System.CommandLine;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary>Options that several measurements share.</summary>
internal static class BenchOptions
{
    private const int MaxNumber = 1 << 20;

    internal static Option<string> Model() => new("--model")
    {
        Description = "A bundled model, a Hugging Face folder, or shape:NAME for random weights (shape:t5-base).",
        HelpName = "DIR|shape:NAME",
        Required = true,
    };

    internal static Option<int> Number(string name, int fallback, string description, string unit = "N", int least = 1)
    {
        var option = new Option<int>(name) { Description = description, HelpName = unit, DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > MaxNumber))
                result.AddError($"{name} is {value}, expected {least} to {MaxNumber}.");
        });
        return option;
    }

    internal static Option<int> Batch() => Number("--batch", 8, "Examples per step.");

    internal static Option<int> Length() =>
        Number("--length", 256, "Text tokens of every example, with random ids; positions are text plus prompt tokens.", "TOKENS");

    internal static Option<int> Examples() => Number("--examples", 64, "Number of examples.");

    internal static Option<int> MeanLength() =>
        Number("--mean-length", 131, "Mean number of text tokens; lengths are distributed as in BoolQ.", "TOKENS", least: 8);

    internal static Option<int> Steps(int fallback = 5) => Number("--steps", fallback, "Measured steps, after warm-up steps.");

    internal static Option<int> Seed() => Number("--seed", 0, "Seed of random weights, data, start rows and dropout.", least: 0);

    internal static Option<string> Mode()
    {
        var option = new Option<string>("--mode")
        {
            Description = "Compute mode: packed (valid rows only), padded (to the longest row), or straightforward (padded, weights as in the file).",
            HelpName = "MODE",
            DefaultValueFactory = _ => StepSettings.NameOf(ComputeMode.Packed),
        };
        option.OnlyFrom([.. Enum.GetValues<ComputeMode>().Select(StepSettings.NameOf)]);
        return option;
    }

    internal static Option<string?> Json() => new("--json") { Description = "Also write the result to this JSON file.", HelpName = "FILE" };

    internal static ComputeMode Read(string? mode) => Enum.Parse<ComputeMode>(mode!, ignoreCase: true);
}

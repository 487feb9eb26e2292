using System.CommandLine;

namespace ResidualPrompts.Cli.Options;

/// <summary>Options that several commands share.</summary>
internal static class SharedOptions
{
    private const string ModelText = "A bundled model (t5-nano), a Hugging Face folder, a model on the hub (google/t5-base-lm-adapt), or the "
        + "directory of a run that trained weights.";

    /// <summary>A model that is not always needed.</summary>
    internal static Option<string?> OptionalModel(string when) => new("--model") { Description = $"{ModelText} {when}", HelpName = "NAME|DIR" };

    internal static Option<string> Model(string? otherwise = null) => new("--model")
    {
        Description = otherwise is null ? ModelText : $"{ModelText} Default: {otherwise}.",
        HelpName = "NAME|DIR",
        Required = otherwise is null,
    };

    internal static Option<string?> Revision() => new("--revision")
    {
        Description = "Branch, tag or commit of a model on the hub. Default: main.",
        HelpName = "REV",
    };

    internal static Option<string?> Input() => new("--input")
    {
        Description = "File to read, or - for standard input. Default: standard input.",
        HelpName = "FILE",
    };

    internal static Option<bool> AllowMismatch() => new("--allow-mismatch")
    {
        Description = "Use the prompt even if it was trained with another model or tokenizer.",
    };

    /// <summary>Prints warnings to standard error, one per line.</summary>
    internal static void Warn(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            Console.Error.WriteLine($"warning: {warning}");
    }

    internal static Option<string> Encoding() => new("--encoding")
    {
        Description = "Text encoding: utf-8, utf-16, latin1, windows-1252, ….",
        HelpName = "NAME",
        DefaultValueFactory = _ => "utf-8",
    };
}

namespace ResidualPrompts.Server.Tests;

/// <summary>How the fixtures are served.</summary>
internal static class ServingOptions
{
    internal static PromptServingOptions Options(this TinyPrompts prompts) => new() { Model = prompts.Model, Prompts = prompts.Prompts };
}

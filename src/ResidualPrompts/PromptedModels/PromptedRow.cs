using ResidualPrompts.Prompts;

namespace ResidualPrompts.PromptedModels;

/// <summary>One input with the prompt that goes before it.</summary>
/// <param name="InputIds">Token ids of the input, eos included; may be empty only with a prompt.</param>
/// <param name="Prompt">The prompt, or null for the backbone alone.</param>
public sealed record PromptedRow(int[] InputIds, SoftPrompt? Prompt)
{
    /// <summary>Rows that the encoder sees: virtual tokens and input tokens.</summary>
    public int Length => InputIds.Length + (Prompt?.VirtualTokenCount ?? 0);
}

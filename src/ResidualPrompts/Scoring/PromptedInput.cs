using ResidualPrompts.Prompts;

namespace ResidualPrompts.Scoring;

/// <summary>An input with its prompt.</summary>
/// <param name="inputIds">Token ids of the input, including eos; may be empty only with a prompt.</param>
/// <param name="prompt">The prompt, or null for the backbone alone.</param>
internal sealed class PromptedInput(int[] inputIds, SoftPrompt? prompt)
{
    /// <summary>Token ids of the input.</summary>
    public int[] InputIds { get; } = inputIds;

    /// <summary>The prompt, or null for the backbone alone.</summary>
    public SoftPrompt? Prompt { get; } = prompt;

    /// <summary>Rows that the encoder sees: virtual tokens and input tokens. Still valid after the prompt has been disposed.</summary>
    public int Length { get; } = inputIds.Length + (prompt?.VirtualTokenCount ?? 0);
}

using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A prompt of random vocabulary rows.</summary>
internal static class StartPrompt
{
    internal static PlainPrompt Of(T5Model model, int length, long seed)
    {
        using var generator = new Generator((ulong)seed, CPU);
        return new PlainPrompt(PromptInitialization.Sampled(
            model.Weights["shared.weight"], [.. Enumerable.Range(0, model.Config.VocabularySize)], length, generator));
    }
}

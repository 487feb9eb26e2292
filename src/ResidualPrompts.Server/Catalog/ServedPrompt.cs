using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// A served prompt: its rows, template and labels. It is reference-counted: its tensors live until the last request that uses it is answered,
/// even if its directory changes in the meantime.
/// </summary>
internal sealed class ServedPrompt
{
    private readonly SoftPrompt? _prompt;
    private int _holders = 1; // the catalog

    /// <param name="name">Its name in requests.</param>
    /// <param name="prompt">The rows; this object takes ownership. Null for the backbone alone.</param>
    /// <param name="task">Template and label words; null if the prompt has no contract.</param>
    /// <param name="labels">The tokenized label words; null without label words.</param>
    /// <param name="maxNewTokens">Maximum generated tokens in training; null if unknown.</param>
    internal ServedPrompt(string name, SoftPrompt? prompt, TaskDefinition? task, LabelSet? labels, int? maxNewTokens = null) =>
        (Name, _prompt, Task, Labels, MaxNewTokens) = (name, prompt, task, labels, maxNewTokens);

    internal string Name { get; }

    internal TaskDefinition? Task { get; }

    internal LabelSet? Labels { get; }

    internal int? MaxNewTokens { get; }

    internal SoftPrompt? Prompt => _prompt;

    internal int VirtualTokenCount => _prompt?.VirtualTokenCount ?? 0;

    /// <summary>Adds a reference for a request; false if the prompt is no longer served and its tensors are freed.</summary>
    internal bool TryHold()
    {
        for (var seen = Volatile.Read(ref _holders); seen > 0; seen = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, seen + 1, seen) == seen)
                return true;
        }

        return false;
    }

    /// <summary>Removes a reference; the last one frees the tensors.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _prompt?.Dispose();
    }
}

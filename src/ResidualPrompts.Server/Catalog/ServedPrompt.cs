using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// A prompt in service: its rows, and what it says about text and labels. Requests hold it while they compute, so that its tensors live
/// until the last of them is answered, whatever becomes of its directory meanwhile.
/// </summary>
internal sealed class ServedPrompt
{
    private readonly SoftPrompt? _prompt;
    private int _holders = 1; // the catalog

    /// <param name="name">What requests call it.</param>
    /// <param name="prompt">The rows, which it then owns; null for the backbone alone.</param>
    /// <param name="task">Template and label words; null when the prompt has no contract.</param>
    /// <param name="labels">The label words in tokens; null without label words.</param>
    /// <param name="maxNewTokens">Most tokens of a generated answer in training; null when not known.</param>
    internal ServedPrompt(string name, SoftPrompt? prompt, TaskDefinition? task, LabelSet? labels, int? maxNewTokens = null) =>
        (Name, _prompt, Task, Labels, MaxNewTokens) = (name, prompt, task, labels, maxNewTokens);

    internal string Name { get; }

    internal TaskDefinition? Task { get; }

    internal LabelSet? Labels { get; }

    internal int? MaxNewTokens { get; }

    internal SoftPrompt? Prompt => _prompt;

    internal int VirtualTokenCount => _prompt?.VirtualTokenCount ?? 0;

    /// <summary>Keeps the tensors for a request; false when the prompt is out of service and nobody holds it any more.</summary>
    internal bool TryHold()
    {
        for (var seen = Volatile.Read(ref _holders); seen > 0; seen = Volatile.Read(ref _holders))
        {
            if (Interlocked.CompareExchange(ref _holders, seen + 1, seen) == seen)
                return true;
        }

        return false;
    }

    /// <summary>Releases the tensors; the last holder frees them.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _prompt?.Dispose();
    }
}

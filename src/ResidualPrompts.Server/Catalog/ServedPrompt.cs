using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// A served prompt: its rows, template and labels; or those of a study, which answer by the mean of their probabilities. It is
/// reference-counted: its tensors live until the last request that uses it is answered,
/// even if its directory changes in the meantime.
/// </summary>
internal sealed class ServedPrompt
{
    private int _holders = 1; // the catalog

    /// <param name="name">Its name in requests.</param>
    /// <param name="members">The rows of each prompt that answers, at least one; this object takes ownership. Null for the backbone alone.</param>
    /// <param name="task">Template and label words; null if the prompt has no contract.</param>
    /// <param name="labels">The tokenized label words; null without label words.</param>
    /// <param name="maxNewTokens">Maximum generated tokens in training; null if unknown.</param>
    internal ServedPrompt(string name, IReadOnlyList<SoftPrompt?> members, TaskDefinition? task, LabelSet? labels, int? maxNewTokens = null) =>
        (Name, Members, Task, Labels, MaxNewTokens) = (name, members, task, labels, maxNewTokens);

    internal string Name { get; }

    internal TaskDefinition? Task { get; }

    internal LabelSet? Labels { get; }

    internal int? MaxNewTokens { get; }

    /// <summary>The prompts that answer, in the order in which their probabilities are added; one, except for a study.</summary>
    internal IReadOnlyList<SoftPrompt?> Members { get; }

    internal int VirtualTokenCount => Members[0]?.VirtualTokenCount ?? 0;

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
        if (Interlocked.Decrement(ref _holders) > 0)
            return;
        foreach (var member in Members)
            member?.Dispose();
    }
}

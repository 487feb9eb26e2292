using System.Collections.Immutable;

namespace ResidualPrompts.Server.Catalog;

/// <summary>The prompts in service by name. Readers see one state or the next, never a mixture.</summary>
internal sealed class PromptCatalog : IDisposable
{
    /// <summary>The backbone alone.</summary>
    internal const string Untuned = "none";

    private ImmutableSortedDictionary<string, ServedPrompt> _prompts = ImmutableSortedDictionary.Create<string, ServedPrompt>(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, string> _problems = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal IReadOnlyCollection<ServedPrompt> All => [.. Volatile.Read(ref _prompts).Values];

    /// <summary>Directories that cannot be served as they are, and why.</summary>
    internal IReadOnlyDictionary<string, string> Problems => Volatile.Read(ref _problems);

    internal int Count => Volatile.Read(ref _prompts).Count;

    /// <summary>Finds a prompt and holds it; the caller releases it. Null when there is none of that name.</summary>
    internal ServedPrompt? Hold(string name)
    {
        // A prompt that was replaced between the two steps is looked up again.
        while (Volatile.Read(ref _prompts).TryGetValue(name, out var prompt))
        {
            if (prompt.TryHold())
                return prompt;
        }

        return null;
    }

    /// <summary>Puts a prompt into service, in place of an older one of its name; requests that hold that one keep it.</summary>
    internal void Put(ServedPrompt prompt)
    {
        var old = Volatile.Read(ref _prompts).GetValueOrDefault(prompt.Name);
        ImmutableInterlocked.Update(ref _prompts, prompts => prompts.SetItem(prompt.Name, prompt));
        ImmutableInterlocked.Update(ref _problems, problems => problems.Remove(prompt.Name));
        old?.Release();
    }

    /// <summary>Takes a prompt out of service; false when there is none.</summary>
    internal bool Remove(string name)
    {
        ImmutableInterlocked.Update(ref _problems, problems => problems.Remove(name));
        if (!Volatile.Read(ref _prompts).TryGetValue(name, out var old))
            return false;
        ImmutableInterlocked.Update(ref _prompts, prompts => prompts.Remove(name));
        old.Release();
        return true;
    }

    /// <summary>Takes all prompts out of service.</summary>
    public void Dispose()
    {
        foreach (var prompt in All)
            Remove(prompt.Name);
    }

    /// <summary>Says why a directory is not served, or why its new content is not.</summary>
    internal void SetProblem(string name, string problem) => ImmutableInterlocked.Update(ref _problems, problems => problems.SetItem(name, problem));
}

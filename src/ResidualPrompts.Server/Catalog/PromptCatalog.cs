using System.Collections.Immutable;

namespace ResidualPrompts.Server.Catalog;

/// <summary>The served prompts by name. Updates are atomic for readers.</summary>
internal sealed class PromptCatalog : IDisposable
{
    /// <summary>Name of the backbone without a prompt.</summary>
    internal const string Untuned = "none";

    private ImmutableSortedDictionary<string, ServedPrompt> _prompts = ImmutableSortedDictionary.Create<string, ServedPrompt>(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, string> _problems = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal IReadOnlyCollection<ServedPrompt> All => [.. Volatile.Read(ref _prompts).Values];

    /// <summary>Directories that cannot be served, and the reasons.</summary>
    internal IReadOnlyDictionary<string, string> Problems => Volatile.Read(ref _problems);

    internal int Count => Volatile.Read(ref _prompts).Count;

    /// <summary>Finds a prompt and adds a reference, which the caller releases. Null if no prompt has that name.</summary>
    internal ServedPrompt? Hold(string name)
    {
        // If the prompt was replaced between the two steps, look it up again.
        while (Volatile.Read(ref _prompts).TryGetValue(name, out var prompt))
        {
            if (prompt.TryHold())
                return prompt;
        }

        return null;
    }

    /// <summary>Puts a prompt into service and replaces an older one of the same name, which pending requests keep.</summary>
    internal void Put(ServedPrompt prompt)
    {
        var old = Volatile.Read(ref _prompts).GetValueOrDefault(prompt.Name);
        ImmutableInterlocked.Update(ref _prompts, prompts => prompts.SetItem(prompt.Name, prompt));
        ImmutableInterlocked.Update(ref _problems, problems => problems.Remove(prompt.Name));
        old?.Release();
    }

    /// <summary>Takes a prompt out of service; false if no prompt has that name.</summary>
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

    /// <summary>Forgets why a directory is not served.</summary>
    internal void ClearProblem(string name) => ImmutableInterlocked.Update(ref _problems, problems => problems.Remove(name));

    /// <summary>Records why a directory, or its new content, is not served.</summary>
    internal void SetProblem(string name, string problem) => ImmutableInterlocked.Update(ref _problems, problems => problems.SetItem(name, problem));
}

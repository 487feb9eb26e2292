using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Catalog;

/// <summary>The prompts of one request, referenced until it releases them.</summary>
internal sealed class PromptLease : IDisposable
{
    private readonly List<ServedPrompt> _prompts = [];

    /// <summary>Finds the prompts of a request.</summary>
    /// <exception cref="RequestProblem">A name is unknown.</exception>
    internal PromptLease(PromptCatalog catalog, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (catalog.Hold(name) is { } prompt)
            {
                _prompts.Add(prompt);
                continue;
            }

            Dispose();
            var reason = catalog.Problems.TryGetValue(name, out var problem) ? $"it cannot be served: {problem.TrimEnd('.')}"
                : $"expected one of {string.Join(", ", catalog.All.Take(20).Select(known => known.Name))}";
            throw RequestProblem.NotFound($"No prompt '{RequestJson.Shortened(name)}'; {reason}.");
        }
    }

    internal IReadOnlyList<ServedPrompt> Prompts => _prompts;

    public void Dispose()
    {
        foreach (var prompt in _prompts)
            prompt.Release();
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Prompts;

/// <summary>What <c>GET /v1/prompts</c> says of a prompt.</summary>
/// <param name="Name">What requests call it; <c>none</c> is the backbone alone.</param>
/// <param name="NumVirtualTokens">Its rows.</param>
/// <param name="Task">The task's name, or null.</param>
/// <param name="Template">Text with fields in braces that an object of <c>inputs</c> fills, or null.</param>
/// <param name="Labels">What it chooses from, or null when a request must say.</param>
/// <param name="Problem">Why the directory, or its newest content, is not in service; null when all is well.</param>
internal sealed record PromptDescription(string Name, int? NumVirtualTokens, string? Task, string? Template, IReadOnlyList<string>? Labels, string? Problem);

/// <summary>The answer of <c>GET /v1/prompts</c>.</summary>
internal sealed record PromptList(string Model, IReadOnlyList<PromptDescription> Prompts);

/// <summary><c>/v1/prompts</c>: what is in service, and how to change it.</summary>
internal static class PromptEndpoints
{
    internal static void Map(IEndpointRouteBuilder routes, Services services)
    {
        routes.MapGet("/v1/prompts", () => Results.Json(List(services), JsonText.Options))
            .Produces<PromptList>().WithTags("prompts").WithSummary("The prompts in service, and directories that cannot be served.");
        routes.MapPut("/v1/prompts/{name}", async (string name, CancellationToken cancellationToken) =>
        {
            CheckKeys(services);
            await services.Directory.LoadAsync(name, cancellationToken);
            return Results.Json(Describe(services, name), JsonText.Options);
        }).Produces<PromptDescription>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).WithTags("prompts")
            .WithSummary("Reads a prompt's directory now: a new one, or a new version. Needs an API key.");
        routes.MapDelete("/v1/prompts/{name}", async (string name, CancellationToken cancellationToken) =>
        {
            CheckKeys(services);
            await services.Directory.UnloadAsync(name, cancellationToken);
            return Results.NoContent();
        }).Produces(204).ProducesProblem(403).ProducesProblem(404).WithTags("prompts")
            .WithSummary("Takes a prompt out of service until its files change or it is put back. Its files stay. Needs an API key.");
    }

    internal static PromptList List(Services services)
    {
        var problems = services.Catalog.Problems;
        var served = services.Catalog.All.Select(prompt => Describe(prompt, problems.GetValueOrDefault(prompt.Name))).ToList();
        var others = problems.Where(problem => served.All(prompt => prompt.Name != problem.Key))
            .Select(problem => new PromptDescription(problem.Key, null, null, null, null, problem.Value));
        return new PromptList(services.Options.Model, [.. served.Concat(others).OrderBy(prompt => prompt.Name, StringComparer.Ordinal)]);
    }

    private static PromptDescription Describe(Services services, string name) => List(services).Prompts.First(prompt => prompt.Name == name);

    private static PromptDescription Describe(ServedPrompt prompt, string? problem) =>
        new(prompt.Name, prompt.VirtualTokenCount, prompt.Task?.Name, prompt.Task is { Text: null, Template: { } template } ? template.ToString() : null, prompt.Labels?.Names, problem);

    private static void CheckKeys(Services services)
    {
        if (services.Keys is null)
            throw RequestProblem.NeedsKeys();
    }
}

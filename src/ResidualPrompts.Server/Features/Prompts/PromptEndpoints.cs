using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Prompts;

/// <summary>A prompt in the answer of <c>GET /v1/prompts</c>.</summary>
/// <param name="Name">Its name in requests; <c>none</c> is the backbone alone.</param>
/// <param name="NumVirtualTokens">Number of rows.</param>
/// <param name="Task">The task's name, or null.</param>
/// <param name="Template">Text with fields in braces that an object of <c>inputs</c> fills, or null.</param>
/// <param name="Labels">Its labels, or null if a request must give them.</param>
/// <param name="Problem">Why the directory, or its newest content, is not served; null if it is.</param>
internal sealed record PromptDescription(
    string Name, [property: JsonPropertyName(
        "num_virtual_tokens")] int? NumVirtualTokens, string? Task, string? Template, IReadOnlyList<string>? Labels, string? Problem);

/// <summary>The answer of <c>GET /v1/prompts</c>.</summary>
/// <param name="Model">The model; null if the server shows runs only.</param>
/// <param name="Prompts">The prompts.</param>
internal sealed record PromptList(string? Model, IReadOnlyList<PromptDescription> Prompts);

/// <summary><c>/v1/prompts</c>: lists and changes the served prompts.</summary>
internal sealed class PromptEndpoints(PromptServingOptions options, PromptCatalog catalog, IServiceProvider services, ApiKeys keys,
    SettingNames names)
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead("/v1/prompts", ([FromServices] PromptEndpoints endpoints) => Results.Json(endpoints.List(), JsonText.Options))
            .Produces<PromptList>().WithTags("prompts").WithSummary("Lists the served prompts, and directories that cannot be served.");
        routes.MapPut(
            "/v1/prompts/{name}", (HttpContext context, [FromServices] PromptEndpoints endpoints, string name) => endpoints.LoadAsync(context, name))
            .Produces<PromptDescription>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).WithTags("prompts")
            .WithSummary("Reads a new or changed prompt directory immediately. Requires an API key.");
        routes.MapDelete(
            "/v1/prompts/{name}", (HttpContext context, [FromServices] PromptEndpoints endpoints, string name) =>
            endpoints.UnloadAsync(context, name))
            .Produces(204).ProducesProblem(403).ProducesProblem(404).WithTags("prompts")
            .WithSummary("Takes a prompt out of service until its files change or it is put back. Its files are kept. Requires an API key.");
    }

    /// <summary>Only a server with a model has it.</summary>
    private PromptDirectory Directory => services.GetRequiredService<PromptDirectory>();

    private PromptList List()
    {
        var problems = catalog.Problems;
        var served = catalog.All.Select(prompt => Describe(prompt, problems.GetValueOrDefault(prompt.Name))).ToList();
        var others = problems.Where(problem => served.All(prompt => prompt.Name != problem.Key))
            .Select(problem => new PromptDescription(problem.Key, null, null, null, null, problem.Value));
        return new PromptList(
            options.ShowsRunsOnly ? null : options.Model, [.. served.Concat(others).OrderBy(prompt => prompt.Name, StringComparer.Ordinal)]);
    }

    private async Task<IResult> LoadAsync(HttpContext context, string name)
    {
        CheckCaller(context);
        await Directory.LoadAsync(name, context.RequestAborted);
        return Results.Json(List().Prompts.First(prompt => prompt.Name == name), JsonText.Options);
    }

    private async Task<IResult> UnloadAsync(HttpContext context, string name)
    {
        CheckCaller(context);
        await Directory.UnloadAsync(name, context.RequestAborted);
        return Results.NoContent();
    }

    private static PromptDescription Describe(ServedPrompt prompt, string? problem) =>
        new(prompt.Name, prompt.VirtualTokenCount, prompt.Task?.Name, prompt.Task is { Text: null, Template: { } template } ? template.ToString()
            : null, prompt.Labels?.Names, problem);

    /// <summary>
    /// Prompts can be changed only by authenticated clients: by an API key, or by the authorization of the surrounding app.
    /// </summary>
    private void CheckCaller(HttpContext context)
    {
        var metadata = context.GetEndpoint()?.Metadata;
        var isAuthorized = metadata?.GetMetadata<IAuthorizeData>() is not null && metadata.GetMetadata<IAllowAnonymous>() is null;
        if (!keys.AreAsked && !isAuthorized)
            throw RequestProblem.NeedsKeys(names.Usage(nameof(options.KeysFile)));
    }
}

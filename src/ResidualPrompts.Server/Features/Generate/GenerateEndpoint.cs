using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Features.Predict;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Features.Generate;

/// <summary>The body of <c>POST /v1/generate</c>.</summary>
/// <param name="Prompt">Name of a prompt; <c>none</c> is the backbone alone.</param>
/// <param name="Inputs">Each a text as the model reads it, or an object with the fields of the prompt's template.</param>
/// <param name="MaxNewTokens">Most new tokens; default those of the prompt's training, or 32.</param>
internal sealed record GenerateRequest(string Prompt, IReadOnlyList<JsonElement> Inputs,
    [property: JsonPropertyName("max_new_tokens")] int? MaxNewTokens);

/// <summary>The answer of <c>POST /v1/generate</c>.</summary>
/// <param name="Generations">One for each input, in their order.</param>
internal sealed record GenerateResponse(IReadOnlyList<GeneratedInput> Generations);

/// <summary>What was generated for an input.</summary>
/// <param name="Text">The text, without special tokens.</param>
/// <param name="TokenCount">New tokens, the end included.</param>
/// <param name="Finished">Whether the model ended it; false when it was cut at the most tokens.</param>
internal sealed record GeneratedInput(string Text, [property: JsonPropertyName("token_count")] int TokenCount, bool Finished);

/// <summary><c>POST /v1/generate</c>: what T5 writes, greedily.</summary>
internal sealed class GenerateEndpoint(PromptServingOptions options, ServedModel model, PromptCatalog catalog, InputEncoder encoder,
    TensorQueue queue)
{
    private const int DefaultNewTokens = 32;
    private static readonly string[] Keys = ["prompt", "inputs", "max_new_tokens"];

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/generate", (HttpContext context, [FromServices] GenerateEndpoint endpoint) => endpoint.HandleAsync(context))
            .Accepts<GenerateRequest>("application/json").Produces<GenerateResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(413).ProducesProblem(429).ProducesProblem(504)
            .WithTags("generate").WithSummary("Greedy generation for inputs.");

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        using var time = RequestTime.Start(context, options);
        using var body = await RequestJson.ReadAsync(context.Request, options.MaxBodyBytes, Keys, time.Token);
        var name = RequestJson.OptionalText(body.RootElement, "prompt")
            ?? throw RequestProblem.Bad("'prompt' is missing, expected a name; GET /v1/prompts lists them.");
        var inputs = RequestJson.Array(body.RootElement, "inputs")
            ?? throw RequestProblem.Bad("'inputs' is missing, expected an array of texts or of objects.");
        var most = RequestJson.Number(body.RootElement, "max_new_tokens", 1, options.MaxNewTokens);
        var lease = new PromptLease(catalog, [name]);
        PredictionRequest request;
        try
        {
            var generation = new GenerationOptions(most ?? Math.Min(lease.Prompts[0].MaxNewTokens ?? DefaultNewTokens, options.MaxNewTokens));
            request = new PredictionRequest(encoder.Encode(lease.Prompts, [.. inputs.EnumerateArray()]), new RowKind(null, generation),
                lease.Dispose);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        var results = await queue.ComputeAsync(request, time);
        var (tokenizer, end) = (model.Backbone.Tokenizer, model.Backbone.Model.Config.EosId);
        return Results.Json(new GenerateResponse([.. results.Select(row => row.GeneratedIds!).Select(ids =>
            new GeneratedInput(tokenizer.Decode(ids, skipSpecialTokens: true), ids.Length, ids.Length > 0 && ids[^1] == end))]), JsonText.Options);
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;
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
/// <param name="Inputs">Model inputs as text, or objects with the fields of the prompt's template.</param>
/// <param name="MaxNewTokens">Maximum generated tokens; default: the prompt's maximum in training, or 32.</param>
internal sealed record GenerateRequest(string Prompt, IReadOnlyList<JsonElement> Inputs,
    [property: JsonPropertyName("max_new_tokens")] int? MaxNewTokens);

/// <summary>The answer of <c>POST /v1/generate</c>.</summary>
/// <param name="Generations">One per input, in input order.</param>
internal sealed record GenerateResponse(IReadOnlyList<GeneratedInput> Generations);

/// <summary>The generated text for one input.</summary>
/// <param name="Text">The text, without special tokens.</param>
/// <param name="TokenCount">Number of generated tokens, the end token included.</param>
/// <param name="Finished">Whether the model generated the end token; false if the text was truncated at the maximum.</param>
internal sealed record GeneratedInput(string Text, [property: JsonPropertyName("token_count")] int TokenCount, bool Finished);

/// <summary><c>POST /v1/generate</c>: greedy generation.</summary>
internal sealed class GenerateEndpoint(PromptServingOptions options, ServedModel model, PromptCatalog catalog, InputEncoder encoder,
    TensorQueue queue)
{
    private const int DefaultNewTokens = 32;
    private static readonly string[] Keys = ["prompt", "inputs", "max_new_tokens"];

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapJsonPost<GenerateRequest>(
            "/v1/generate", (HttpContext context, [FromServices] GenerateEndpoint endpoint) => endpoint.HandleAsync(context))
            .Produces<GenerateResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(408)
            .ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).ProducesProblem(504)
            .WithTags("generate").WithSummary("Generates text for inputs greedily.");

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        using var time = RequestTime.Start(context, options);
        using var body = await RequestJson.ReadAsync(context.Request, options.MaxBodyBytes, Keys, time);
        var name = RequestJson.OptionalText(body.RootElement, "prompt")
            ?? throw RequestProblem.Bad("'prompt' is missing, expected a name; GET /v1/prompts lists them.");
        var inputs = RequestJson.Array(body.RootElement, "inputs")
            ?? throw RequestProblem.Bad("'inputs' is missing, expected an array of texts or of objects.");
        var most = RequestJson.Number(body.RootElement, "max_new_tokens", 1, options.MaxNewTokens);
        var lease = new PromptLease(catalog, [name]);
        PredictionRequest request;
        try
        {
            if (lease.Prompts[0].Members.Count > 1)
                throw RequestProblem.Bad(
                    $"Prompt '{RequestJson.Shortened(name)}' is a study, whose runs answer by the mean of their probabilities; "
                    + $"generated texts have none. Serve one of its runs.");
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

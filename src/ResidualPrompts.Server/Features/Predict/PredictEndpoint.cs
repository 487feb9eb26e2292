using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Features.Predict;

/// <summary><c>POST /v1/predict</c>: scores labels for inputs with one prompt or an ensemble.</summary>
internal sealed class PredictEndpoint(PromptServingOptions options, ServedModel model, PromptCatalog catalog, InputEncoder encoder, TensorQueue queue)
{
    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapJsonPost<PredictRequest>(
            "/v1/predict", (HttpContext context, [FromServices] PredictEndpoint endpoint) => endpoint.HandleAsync(context))
            .Produces<PredictResponse>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(408)
            .ProducesProblem(413).ProducesProblem(415).ProducesProblem(422).ProducesProblem(429)
                .ProducesProblem(504)
            .WithTags("predict").WithSummary("Scores labels for inputs with one prompt or an ensemble.");

    private async Task<IResult> HandleAsync(HttpContext context)
    {
        using var time = RequestTime.Start(context, options);
        using var body = await RequestJson.ReadAsync(context.Request, options.MaxBodyBytes, PredictRequest.Keys, time);
        var asked = PredictRequest.Read(body.RootElement, options.MaxLabels);
        var lease = new PromptLease(catalog, asked.PromptNames);
        LabelSet labels;
        PredictionRequest request;
        try
        {
            labels = LabelsOf(asked, lease.Prompts);
            request = new PredictionRequest(encoder.Encode(lease.Prompts, asked.Inputs), new RowKind(labels, null), lease.Dispose);
        }
        catch
        {
            lease.Dispose();
            throw;
        }

        var results = await queue.ComputeAsync(request, time);
        return Results.Json(new PredictResponse([.. results.Chunk(lease.Prompts.Sum(prompt => prompt.Members.Count)).Select(rows =>
            Answer(rows, lease.Prompts, labels, asked.Ensembling))]), JsonText.Options);
    }

    private LabelSet LabelsOf(PredictRequest asked, IReadOnlyList<ServedPrompt> prompts)
    {
        if (asked.Labels is { } words)
        {
            var given = LabelSet.Of(model.Backbone.Tokenizer, words);
            var tokens = given.Ids.Sum(label => label.Length);
            var most = options.MaxLabels * 16;
            return tokens <= most ? given : throw RequestProblem.Bad($"'labels' has {tokens} tokens in all, expected at most {most}.");
        }

        var labels = prompts[0].Labels;
        foreach (var prompt in prompts)
        {
            if (prompt.Labels is null)
                throw RequestProblem.Bad(
                    $"Prompt '{prompt.Name}' has no labels of its own: send 'labels', for example \"labels\": [\"negative\", \"positive\"].");
            if (!prompt.Labels.Names.SequenceEqual(labels!.Names))
                throw RequestProblem.Bad(
                    $"Prompts '{prompts[0].Name}' and '{prompt.Name}' have different labels "
                    + $"({Listed(labels)}; {Listed(prompt.Labels)}): send 'labels' for both.");
        }

        return labels!;
    }

    private static string Listed(LabelSet labels) => string.Join(", ", labels.Names);

    private static PredictedInput Answer(ScoredExample[] rows, IReadOnlyList<ServedPrompt> prompts, LabelSet labels, Ensembling ensembling)
    {
        var scored = new List<ScoredExample>();
        var next = 0;
        foreach (var prompt in prompts)
        {
            double[][] scores = [.. rows.Skip(next).Take(prompt.Members.Count).Select(row => row.Scores!)];
            next += scores.Length;
            if (!scores.All(ofMember => ofMember.All(double.IsFinite)))
                throw RequestProblem.NotFinite(prompt.Name);
            // A study is one prompt, whose log-likelihoods are the logarithms of its mean probabilities.
            scored.Add(scores is [var only] ? new ScoredExample(only, null) : ScoredExample.Of(scores, Ensembling.MeanProbability));
        }

        var prediction = prompts is [{ Members.Count: > 1 }] && ensembling != Ensembling.Vote
            ? scored[0]
            : ScoredExample.Of([.. scored.Select(one => one.Scores!)], ensembling);
        Dictionary<string, double> ByLabel(IReadOnlyList<double> values) =>
            labels.Names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);
        return new PredictedInput(labels.Names[prediction.LabelIndex], ByLabel(prediction.Scores!), ByLabel(prediction.Probabilities!));
    }
}

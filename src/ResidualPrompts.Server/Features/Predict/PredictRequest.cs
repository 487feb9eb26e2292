using System.Text.Json;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Predict;

/// <summary>The body of <c>POST /v1/predict</c>, as it was sent.</summary>
/// <param name="Prompt">Name of a prompt; <c>none</c> is the backbone alone. Either this or <paramref name="Prompts"/>.</param>
/// <param name="Prompts">Names of prompts that answer together.</param>
/// <param name="Inputs">Each a text as the model reads it, or an object with the fields of the prompt's template.</param>
/// <param name="Labels">What to choose from; default the prompt's own label words.</param>
/// <param name="Ensemble">How several prompts are put together: <c>mean</c> (of the log-likelihoods, the default) or <c>vote</c>.</param>
internal sealed record PredictRequest(string? Prompt, IReadOnlyList<string>? Prompts, IReadOnlyList<JsonElement> Inputs,
    IReadOnlyList<string>? Labels, string? Ensemble)
{
    internal static readonly string[] Keys = ["prompt", "prompts", "inputs", "labels", "ensemble"];

    internal IReadOnlyList<string> PromptNames => Prompts ?? [Prompt!];

    internal Ensembling Ensembling => Ensemble == "vote" ? Ensembling.Vote : Ensembling.MeanLogLikelihood;

    internal static PredictRequest Read(JsonElement root, int maxLabels)
    {
        var (prompt, prompts, labels, ensemble) = (RequestJson.OptionalText(root, "prompt"), RequestJson.Texts(root, "prompts"),
            RequestJson.Texts(root, "labels"), RequestJson.OptionalText(root, "ensemble"));
        if (prompt is null == prompts is null)
            throw RequestProblem.Bad("Expected one of 'prompt' (a name) and 'prompts' (names of an ensemble); GET /v1/prompts lists the names.");
        if (prompts is not null && prompts.Distinct().Count() < prompts.Length)
            throw RequestProblem.Bad("'prompts' names one prompt twice.");
        if (ensemble is not (null or "mean" or "vote"))
            throw RequestProblem.Bad($"'ensemble' is '{RequestJson.Shortened(ensemble)}', expected mean or vote.");
        if (labels?.Length > maxLabels)
            throw RequestProblem.Bad($"'labels' has {labels.Length} labels, expected at most {maxLabels}.");
        var inputs = RequestJson.Array(root, "inputs") ?? throw RequestProblem.Bad("'inputs' is missing, expected an array of texts or of objects.");
        return new PredictRequest(prompt, prompts, [.. inputs.EnumerateArray()], labels, ensemble);
    }
}

/// <summary>The answer of <c>POST /v1/predict</c>.</summary>
/// <param name="Predictions">One for each input, in their order.</param>
internal sealed record PredictResponse(IReadOnlyList<PredictedInput> Predictions);

/// <summary>What was predicted for an input.</summary>
/// <param name="Label">The likeliest label.</param>
/// <param name="Scores">Log-likelihood of each label; the mean over the prompts of an ensemble.</param>
/// <param name="Probabilities">Of each label among the labels; shares of the votes when prompts vote.</param>
internal sealed record PredictedInput(string Label, IReadOnlyDictionary<string, double> Scores, IReadOnlyDictionary<string, double> Probabilities);

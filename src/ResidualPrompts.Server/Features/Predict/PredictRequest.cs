using System.Text.Json;
using ResidualPrompts.Scoring;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Predict;

/// <summary>The body of <c>POST /v1/predict</c>.</summary>
/// <param name="Prompt">Name of a prompt; <c>none</c> is the backbone alone. Either this or <paramref name="Prompts"/>.</param>
/// <param name="Prompts">Names of the prompts of an ensemble.</param>
/// <param name="Inputs">Model inputs as text, or objects with the fields of the prompt's template.</param>
/// <param name="Labels">Labels to choose from; default: the prompt's label words.</param>
/// <param name="Ensemble">How to combine several prompts: <c>mean</c> (of the log-likelihoods, the default) or <c>vote</c>.</param>
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
            throw RequestProblem.Bad("Expected either 'prompt' (a name) or 'prompts' (names of an ensemble); GET /v1/prompts lists the names.");
        if (prompts is not null && prompts.Distinct().Count() < prompts.Length)
            throw RequestProblem.Bad("'prompts' contains a name twice.");
        if (ensemble is not (null or "mean" or "vote"))
            throw RequestProblem.Bad($"'ensemble' is '{RequestJson.Shortened(ensemble)}', expected mean or vote.");
        if (labels?.Length > maxLabels)
            throw RequestProblem.Bad($"'labels' has {labels.Length} labels, expected at most {maxLabels}.");
        var inputs = RequestJson.Array(root, "inputs") ?? throw RequestProblem.Bad("'inputs' is missing, expected an array of texts or of objects.");
        return new PredictRequest(prompt, prompts, [.. inputs.EnumerateArray()], labels, ensemble);
    }
}

/// <summary>The answer of <c>POST /v1/predict</c>.</summary>
/// <param name="Predictions">One per input, in input order.</param>
internal sealed record PredictResponse(IReadOnlyList<PredictedInput> Predictions);

/// <summary>The prediction for one input.</summary>
/// <param name="Label">The most likely label.</param>
/// <param name="Scores">Log-likelihood of each label; the mean over the prompts of an ensemble.</param>
/// <param name="Probabilities">Probability of each label, normalized over the labels; with <c>vote</c>, its share of the votes.</param>
internal sealed record PredictedInput(string Label, IReadOnlyDictionary<string, double> Scores, IReadOnlyDictionary<string, double> Probabilities);

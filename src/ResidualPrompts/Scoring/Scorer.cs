using ResidualPrompts.Batching;

namespace ResidualPrompts.Scoring;

/// <summary>What is wanted of each example.</summary>
/// <param name="Labels">Token ids of labels to score; null = the candidates of each example, where they differ.</param>
/// <param name="Generation">How to generate, or null.</param>
public sealed record ScoringRequest(IReadOnlyList<int[]>? Labels, GenerationOptions? Generation);

/// <summary>What came out of one example.</summary>
/// <param name="Scores">Log-likelihood of each label, or null when none were asked for.</param>
/// <param name="GeneratedIds">New tokens, or null when none were asked for.</param>
public sealed record ScoredExample(double[]? Scores, int[]? GeneratedIds)
{
    /// <summary>Whether scores, and the logits that tokens were chosen by, are numbers.</summary>
    public bool IsFinite { get; init; } = true;

    /// <summary>What is wrong, so that nothing here means anything; null = nothing.</summary>
    public string? Problem => IsFinite ? null : "the scores are not finite: the model's weights or the prompt hold NaN, infinity or far too large numbers";
}

/// <summary>Scores any number of examples: batches them by length within a token budget and gives the results in the order of the examples.</summary>
/// <param name="model">The model with its prompt.</param>
/// <param name="budget">Bounds of a batch; default <see cref="TokenBudget"/>'s own.</param>
public sealed class Scorer(PromptedT5 model, TokenBudget? budget = null)
{
    /// <summary>Examples that are sorted by length together; results come when the whole window is done.</summary>
    private const int WindowSize = 1024;
    private readonly TokenBudget _budget = budget ?? new TokenBudget();

    /// <summary>Scores examples lazily, window by window.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    public IEnumerable<ScoredExample> Score(IEnumerable<EncodedExample> examples, ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(request);
        return examples.Chunk(WindowSize).SelectMany(window => ScoreWindow(window, request, cancellationToken));
    }

    private ScoredExample[] ScoreWindow(EncodedExample[] window, ScoringRequest request, CancellationToken cancellationToken)
    {
        var results = new ScoredExample[window.Length];
        foreach (var indices in _budget.Group([.. window.Select(example => example.InputIds.Length + model.VirtualTokenCount)]))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var batch = Batch.Of([.. indices.Select(i => window[i])], model.Model.Config.PadId, model.Model.Device);
            var (generated, areFinite) = request.Generation is { } options ? model.GenerateChecked(batch, options) : (null, null);
            var scores = request.Labels is { Count: > 0 } labels ? model.ScoreLabels(batch, labels) : null;
            var byCandidates = scores is null && generated is null;
            for (var row = 0; row < indices.Length; row++)
            {
                var ofRow = byCandidates ? ScoreCandidates(window[indices[row]]) : scores?[row];
                results[indices[row]] = new ScoredExample(ofRow, generated?[row]) { IsFinite = (areFinite?[row] ?? true) && (ofRow?.All(double.IsFinite) ?? true) };
            }
        }

        return results;
    }

    /// <summary>Candidates that differ by example are scored example by example: the decoder then runs over them alone.</summary>
    private double[]? ScoreCandidates(EncodedExample example)
    {
        if (example.CandidateIds is not { } candidates)
            return null;
        using var batch = Batch.Of([example], model.Model.Config.PadId, model.Model.Device);
        return model.ScoreLabels(batch, candidates)[0];
    }
}

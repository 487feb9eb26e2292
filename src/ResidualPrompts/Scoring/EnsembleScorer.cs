using ResidualPrompts.Batching;

namespace ResidualPrompts.Scoring;

/// <summary>
/// Several scorers as one: the mean of their probabilities. Each scores the same windows as it would alone, so that its part in the mean is to the
/// last digit what it gives by itself.
/// </summary>
/// <param name="members">At least one, in the order in which their probabilities are added.</param>
internal sealed class EnsembleScorer(IReadOnlyList<PromptScorer> members) : IExampleScorer
{
    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Generated answers are requested: they have no probabilities to average.</exception>
    public IEnumerable<ScoredExample> Score(
        IEnumerable<EncodedExample> examples, ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Generation is not null)
            throw new NotSupportedException("Generated answers have no probabilities to average.");
        return examples.Chunk(PromptScorer.WindowSize).SelectMany(window => ScoreWindow(window, request, cancellationToken));
    }

    private IEnumerable<ScoredExample> ScoreWindow(EncodedExample[] window, ScoringRequest request, CancellationToken cancellationToken)
    {
        ScoredExample[][] scored = [.. members.Select(member => member.Score(window, request, cancellationToken).ToArray())];
        return window.Select((_, row) => scored.Any(ofMember => ofMember[row].Scores is null)
            ? scored[0][row]
            : ScoredExample.Of([.. scored.Select(ofMember => ofMember[row].Scores!)], Ensembling.MeanProbability));
    }
}

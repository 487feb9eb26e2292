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
        return examples.Chunk(PromptScorer.WindowSize)
            .SelectMany(window => Combine(PromptScorer.ScoreEach(members, window, request, cancellationToken)));
    }

    /// <summary>The mean of the members' probabilities for each example; of one member, its own result.</summary>
    /// <param name="scored">Results [member][example], the members in the order in which their probabilities are added.</param>
    internal static IReadOnlyList<ScoredExample> Combine(IReadOnlyList<IReadOnlyList<ScoredExample>> scored) => scored is [var only] ? only :
    [
        .. scored[0].Select((first, row) => scored.Any(ofMember => ofMember[row].Scores is null)
            ? first
            : ScoredExample.Of([.. scored.Select(ofMember => ofMember[row].Scores!)], Ensembling.MeanProbability)),
    ];
}

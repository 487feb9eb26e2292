using ResidualPrompts.Batching;

namespace ResidualPrompts.Scoring;

/// <summary>Scores examples: a model with one prompt, or an ensemble.</summary>
internal interface IExampleScorer
{
    /// <summary>Scores examples lazily and in order.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="request">What to compute.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    IEnumerable<ScoredExample> Score(IEnumerable<EncodedExample> examples, ScoringRequest request, CancellationToken cancellationToken = default);
}

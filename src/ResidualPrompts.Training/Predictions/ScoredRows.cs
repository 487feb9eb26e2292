using ResidualPrompts.Batching;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Predictions;

/// <summary>Rows to score, read and tokenized, and how their answers are judged.</summary>
/// <param name="Evaluator">Judges the answers.</param>
/// <param name="Rows">The rows.</param>
internal sealed record ScoredRows(Evaluator Evaluator, EncodedSplit Rows);

using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>Predicts windows of rows with the prompt of a run.</summary>
/// <param name="Encoder">Encodes rows.</param>
/// <param name="Answers">What can be answered.</param>
/// <param name="Evaluator">Asks the model.</param>
/// <param name="Scorer">The model with its prompt.</param>
/// <param name="HasGroups">Whether predictions may belong together.</param>
internal sealed record RowPredictor(ExampleEncoder Encoder, AnswerSpace Answers, Evaluator Evaluator, Scorer Scorer, bool HasGroups)
{
    /// <summary>The names of the fields that a prediction may have.</summary>
    public IEnumerable<string> FieldNames => PredictionJson.FieldNames
        .Where(name => (HasGroups || name != PredictionJson.Group) && (Answers.Kind == EvaluationMode.Generate || name != PredictionJson.Generated));

    /// <summary>Predicts the rows of a window, in their order.</summary>
    /// <exception cref="InputException">A row cannot be predicted, and nobody is told of bad rows.</exception>
    public IReadOnlyList<PredictedRow> Predict(IReadOnlyList<Example> window, Action<BadRow>? onBadRow, CancellationToken cancellationToken)
    {
        var (rows, examples) = (new List<Example>(window.Count), new List<EncodedExample>(window.Count));
        foreach (var row in window)
        {
            try
            {
                examples.Add(Encoder.Encode([row], needsTargets: false).Examples[0]);
                rows.Add(row);
            }
            catch (InputException e) when (onBadRow is not null)
            {
                onBadRow(BadRow.Of(row, e));
            }
        }

        return [.. Evaluator.Predict(Scorer, new EncodedSplit(rows, examples, CutCount: 0), cancellationToken).Select((prediction, i) => new PredictedRow(rows[i], prediction))];
    }
}

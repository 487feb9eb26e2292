using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>Predicts windows of rows with the prompt of a run, or of several.</summary>
/// <param name="Encoder">Encodes rows.</param>
/// <param name="Answers">The possible answers.</param>
/// <param name="Evaluator">Predicts with the model.</param>
/// <param name="Scorer">The model with its prompt, or an ensemble.</param>
/// <param name="HasGroups">Whether predictions may have groups.</param>
internal sealed record RowPredictor(ExampleEncoder Encoder, AnswerSpace Answers, Evaluator Evaluator, IExampleScorer Scorer, bool HasGroups)
{
    /// <summary>The possible field names of a prediction.</summary>
    public IEnumerable<string> FieldNames => PredictionJson.FieldNames
        .Where(name => (HasGroups || name != PredictionJson.Group) && (Answers.Kind == EvaluationMode.Generate || name != PredictionJson.Generated));

    /// <summary>Predicts the rows of a window, in their order.</summary>
    /// <exception cref="InputException">A row cannot be predicted and <paramref name="onBadRow"/> is null.</exception>
    public IReadOnlyList<PredictedRow> Predict(IReadOnlyList<Example> window, Action<BadRow>? onBadRow, CancellationToken cancellationToken)
    {
        var split = Encoder.Encode(window, needsTargets: false, keepsAnswers: true, onBadRow);
        return [.. Evaluator.Predict(Scorer, split, cancellationToken).Select((prediction, i) => new PredictedRow(split.Rows[i], prediction))];
    }
}

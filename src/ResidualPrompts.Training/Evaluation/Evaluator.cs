using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Evaluation;

/// <summary>Predicts every row of a split and judges the answers; every row counts once.</summary>
/// <param name="answers">The possible answers.</param>
/// <param name="tokenizer">Decodes generated ids; null for rows of token ids.</param>
internal sealed class Evaluator(AnswerSpace answers, T5Tokenizer? tokenizer)
{
    /// <summary>Predictions in the order of the rows.</summary>
    /// <param name="scorer">The model with its prompt, or an ensemble.</param>
    /// <param name="split">The rows.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <exception cref="DataException">While predicting: a row's scores are NaN, so no outcome is the best.</exception>
    public IEnumerable<Prediction> Predict(IExampleScorer scorer, EncodedSplit split, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentNullException.ThrowIfNull(split);
        return scorer.Score(split.Examples, Request, cancellationToken).Select((scored, i) => ToPrediction(split, i, scored));
    }

    /// <summary>What a scorer is to compute for each row.</summary>
    internal ScoringRequest Request => answers.Kind == EvaluationMode.Labels
        ? new ScoringRequest(answers.LabelIds, null)
        : new ScoringRequest(null, new GenerationOptions(answers.MaxNewTokens));

    /// <summary>The metrics of the task.</summary>
    internal TaskMetrics Metrics => answers.Metrics;

    /// <summary>Metrics of predictions.</summary>
    /// <param name="predictions">The predictions.</param>
    public EvaluationReport Report(IEnumerable<Prediction> predictions) => answers.Metrics.Report(predictions);

    /// <summary>The prediction for a row.</summary>
    /// <param name="split">The rows.</param>
    /// <param name="i">The row's index in them.</param>
    /// <param name="scored">Its result.</param>
    /// <exception cref="DataException">The scores are NaN, so no outcome is the best.</exception>
    internal Prediction ToPrediction(EncodedSplit split, int i, ScoredExample scored)
    {
        var row = split.Rows[i];
        if (scored.Problem is { } problem)
            throw row.Problem(problem);
        var read = split.Read(i);
        var prediction = new Prediction(row.Index, null, read.Reference) { Answers = read.Answers, Group = read.Group, Cluster = read.Cluster };
        if (scored.Scores is { } scores)
            return prediction with { Predicted = (read.Candidates ?? answers.Outcomes)[scored.LabelIndex], Scores = scores };
        var ids = scored.GeneratedIds!;
        if (tokenizer is null || ExampleEncoder.BringsIds(row))
            return prediction with { Predicted = answers.Judge(read, AnswerSpace.Name(ids)), Generated = AnswerSpace.Name(ids) };
        var text = tokenizer.Decode(ids, skipSpecialTokens: true);
        if (answers.OutcomeOf(ids) is { } outcome) // a label word may hold special tokens
            return prediction with { Predicted = outcome, Generated = text.Length > 0 ? text : outcome };
        return prediction with { Predicted = answers.Judge(read, text) ?? answers.Judge(read, WithSpecialTokens(ids)), Generated = text };
    }

    private string WithSpecialTokens(int[] ids) => tokenizer!.Decode(ids.Where(id => id > T5Tokenizer.UnknownId).ToArray());
}

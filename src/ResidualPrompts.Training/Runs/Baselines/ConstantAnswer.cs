using ResidualPrompts.Batching;
using ResidualPrompts.Evaluation;

namespace ResidualPrompts.Runs.Baselines;

/// <summary>The score of one answer for every row: what a prompt reaches without reading its input.</summary>
internal static class ConstantAnswer
{
    /// <summary>Scores the most frequent answer of the training rows.</summary>
    /// <param name="data">The data of a run.</param>
    /// <param name="split">The rows to score.</param>
    internal static Baseline Score(RunData data, EncodedSplit split)
    {
        if (data.Task?.Candidates is not null)
            return Baseline.None("The possible answers differ from row to row.");
        if (MostFrequent(data.TrainAnswers(), data.Answers.Outcomes) is not { } answer)
            return Baseline.None("The training rows have no answer.");
        var predictions = split.Rows.Select((row, i) =>
        {
            var read = split.Read(i);
            return new Prediction(row.Index, answer, read.Reference) { Answers = read.Answers, Group = read.Group };
        });
        // That a constant answer predicts one label only needs no note.
        return new Baseline(SplitResult.Of(data.MakeEvaluator(), predictions) with { Notes = null }) { Answer = answer };
    }

    /// <summary>The most frequent answer; of equally frequent ones the first in label order, else the first in ordinal order.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="outcomes">The possible answers in label order; empty when answers are texts or numbers.</param>
    internal static string? MostFrequent(IEnumerable<string> answers, IReadOnlyList<string> outcomes)
    {
        var places = outcomes.Index().ToDictionary(outcome => outcome.Item, outcome => outcome.Index);
        return answers.CountBy(answer => answer).OrderByDescending(count => count.Value)
            .ThenBy(count => places.GetValueOrDefault(count.Key, outcomes.Count)).ThenBy(count => count.Key, StringComparer.Ordinal)
            .Select(count => count.Key).FirstOrDefault();
    }
}

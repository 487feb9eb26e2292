namespace ResidualPrompts.Scoring;

/// <summary>A label chosen by one prompt or by several.</summary>
/// <param name="LabelIndex">Index of the chosen label; the first at a tie.</param>
/// <param name="Scores">Log-likelihood of each label, the mean over the prompts.</param>
/// <param name="Probabilities">Of each label among the labels given; they sum to 1.</param>
public sealed record LabelPrediction(int LabelIndex, IReadOnlyList<double> Scores, IReadOnlyList<double> Probabilities)
{
    /// <summary>Makes a prediction of the scores that each prompt gave to the labels of one input.</summary>
    /// <param name="scoresOfPrompts">Scores [prompt][label], at least one prompt.</param>
    /// <param name="ensembling">How the prompts are put together.</param>
    /// <param name="temperature">What scores are divided by before they become probabilities, see <see cref="Calibration"/>; votes have none.</param>
    public static LabelPrediction Of(IReadOnlyList<double[]> scoresOfPrompts, Ensembling ensembling = Ensembling.MeanLogLikelihood, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(scoresOfPrompts);
        ArgumentOutOfRangeException.ThrowIfZero(scoresOfPrompts.Count);
        var labelCount = scoresOfPrompts[0].Length;
        double[] means = [.. Enumerable.Range(0, labelCount).Select(label => scoresOfPrompts.Average(scores => scores[label]))];
        if (ensembling == Ensembling.MeanLogLikelihood)
            return new LabelPrediction(IndexOfLargest(means), means, Calibration.Probabilities(means, temperature));
        var votes = new double[labelCount];
        foreach (var scores in scoresOfPrompts)
            votes[IndexOfLargest(scores)] += 1.0 / scoresOfPrompts.Count;
        var most = votes.Max() - (0.5 / scoresOfPrompts.Count); // whole votes, whatever their sum was rounded to
        var winner = Enumerable.Range(0, labelCount).Where(label => votes[label] > most).MaxBy(label => means[label]);
        return new LabelPrediction(winner, means, votes);
    }

    private static int IndexOfLargest(double[] values) => Array.IndexOf(values, values.Max());
}

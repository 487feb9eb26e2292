namespace ResidualPrompts.Scoring;

/// <summary>What came out of one example, of one prompt or of several together.</summary>
/// <param name="Scores">Log-likelihood of each label, the mean over the prompts; null when no labels were asked for.</param>
/// <param name="GeneratedIds">New tokens; null when none were asked for.</param>
public sealed record ScoredExample(double[]? Scores, int[]? GeneratedIds)
{
    private readonly double[]? _probabilities;

    /// <summary>Index of the chosen label, the first at a tie; -1 when no labels were asked for.</summary>
    public int LabelIndex { get; private init; } = Scores is null ? -1 : IndexOfLargest(Scores);

    /// <summary>The probability of each label among the labels given; they sum to 1. Null when no labels were asked for.</summary>
    public IReadOnlyList<double>? Probabilities => _probabilities ?? (Scores is null ? null : Calibration.Probabilities(Scores));

    /// <summary>Whether scores, and the logits that tokens were chosen by, are numbers.</summary>
    public bool IsFinite { get; init; } = true;

    /// <summary>What is wrong, so that nothing here means anything; null = nothing.</summary>
    public string? Problem =>
        IsFinite ? null : "the scores are not finite: the model's weights or the prompt hold NaN, infinity or far too large numbers";

    /// <summary>Puts together the scores that several prompts gave to the labels of one input.</summary>
    /// <param name="scoresOfPrompts">Scores [prompt][label], at least one prompt.</param>
    /// <param name="ensembling">How the prompts are put together.</param>
    /// <param name="temperature">What scores are divided by before they become probabilities, see <see cref="Calibration"/>; votes have none.</param>
    public static ScoredExample Of(
        IReadOnlyList<double[]> scoresOfPrompts, Ensembling ensembling = Ensembling.MeanLogLikelihood, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(scoresOfPrompts);
        ArgumentOutOfRangeException.ThrowIfZero(scoresOfPrompts.Count);
        var labelCount = scoresOfPrompts[0].Length;
        double[] means = [.. Enumerable.Range(0, labelCount).Select(label => scoresOfPrompts.Average(scores => scores[label]))];
        var isFinite = scoresOfPrompts.All(scores => scores.All(double.IsFinite));
        if (ensembling == Ensembling.MeanLogLikelihood)
            return new ScoredExample(means, Calibration.Probabilities(means, temperature), IndexOfLargest(means), isFinite);
        var votes = new double[labelCount];
        foreach (var scores in scoresOfPrompts)
            votes[IndexOfLargest(scores)] += 1.0 / scoresOfPrompts.Count;
        var most = votes.Max() - (0.5 / scoresOfPrompts.Count); // whole votes, whatever their sum was rounded to
        var winner = Enumerable.Range(0, labelCount).Where(label => votes[label] > most).MaxBy(label => means[label]);
        return new ScoredExample(means, votes, winner, isFinite);
    }

    private ScoredExample(double[] scores, double[] probabilities, int labelIndex, bool isFinite)
        : this(scores, null) => (_probabilities, LabelIndex, IsFinite) = (probabilities, labelIndex, isFinite);

    private static int IndexOfLargest(double[] values) => Array.IndexOf(values, values.Max());
}

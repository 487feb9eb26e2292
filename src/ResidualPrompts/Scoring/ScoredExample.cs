namespace ResidualPrompts.Scoring;

/// <summary>The result of one example, for one prompt or an ensemble.</summary>
/// <param name="Scores">
/// Log-likelihood of each label, for an ensemble as <see cref="Ensembling"/> says; null when no labels were requested.
/// </param>
/// <param name="GeneratedIds">New tokens; null when none were requested.</param>
internal sealed record ScoredExample(double[]? Scores, int[]? GeneratedIds)
{
    private readonly double[]? _probabilities;

    /// <summary>Index of the chosen label, the first at a tie; -1 when no labels were requested.</summary>
    public int LabelIndex { get; private init; } = Scores is null ? -1 : IndexOfLargest(Scores);

    /// <summary>Probability of each label among the given labels; they sum to 1. Null when no labels were requested.</summary>
    public IReadOnlyList<double>? Probabilities => _probabilities ?? (Scores is null ? null : Calibration.Probabilities(Scores));

    /// <summary>Whether all scores, and the logits of generated tokens, are finite.</summary>
    public bool IsFinite { get; init; } = true;

    /// <summary>The problem that makes this result meaningless; null = none.</summary>
    public string? Problem =>
        IsFinite ? null : "the scores are not finite: the model's weights or the prompt hold NaN, infinity or far too large numbers";

    /// <summary>Combines the scores that several prompts gave to the labels of one input.</summary>
    /// <param name="scoresOfPrompts">Scores [prompt][label], at least one prompt.</param>
    /// <param name="ensembling">How to combine them.</param>
    /// <param name="temperature">Scores are divided by this temperature before they become probabilities, see <see cref="Calibration"/>; votes
    /// ignore it.</param>
    public static ScoredExample Of(
        IReadOnlyList<double[]> scoresOfPrompts, Ensembling ensembling = Ensembling.MeanLogLikelihood, double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(scoresOfPrompts);
        ArgumentOutOfRangeException.ThrowIfZero(scoresOfPrompts.Count);
        if (ensembling == Ensembling.MeanProbability)
            return OfProbabilities(scoresOfPrompts, temperature);
        var labelCount = scoresOfPrompts[0].Length;
        double[] means = [.. Enumerable.Range(0, labelCount).Select(label => scoresOfPrompts.Average(scores => scores[label]))];
        var isFinite = scoresOfPrompts.All(scores => scores.All(double.IsFinite));
        if (ensembling == Ensembling.MeanLogLikelihood)
            return new ScoredExample(means, Calibration.Probabilities(means, temperature), IndexOfLargest(means), isFinite);
        var votes = new double[labelCount];
        foreach (var scores in scoresOfPrompts)
            votes[IndexOfLargest(scores)] += 1.0 / scoresOfPrompts.Count;
        var most = votes.Max() - (0.5 / scoresOfPrompts.Count); // whole votes, despite rounding of the sum
        var winner = Enumerable.Range(0, labelCount).Where(label => votes[label] > most).MaxBy(label => means[label]);
        return new ScoredExample(means, votes, winner, isFinite);
    }

    /// <summary>
    /// The mean of the prompts' probabilities, added up in the order of the prompts. Its logarithm is computed from logarithms, so that a label
    /// that all prompts think impossible keeps a finite score.
    /// </summary>
    private static ScoredExample OfProbabilities(IReadOnlyList<double[]> scoresOfPrompts, double temperature)
    {
        var (count, labelCount) = (scoresOfPrompts.Count, scoresOfPrompts[0].Length);
        if (!scoresOfPrompts.All(scores => scores.All(double.IsFinite)))
            return new ScoredExample(scoresOfPrompts[0], scoresOfPrompts[0], 0, isFinite: false);
        double[][] probabilities = [.. scoresOfPrompts.Select(scores => Calibration.Probabilities(scores, temperature))];
        double[][] logarithms = [.. scoresOfPrompts.Select(scores => Calibration.LogProbabilities(scores, temperature))];
        var (means, scores) = (new double[labelCount], new double[labelCount]);
        for (var label = 0; label < labelCount; label++)
        {
            means[label] = probabilities.Sum(ofPrompt => ofPrompt[label]) / count;
            var largest = logarithms.Max(ofPrompt => ofPrompt[label]);
            scores[label] = largest + Math.Log(logarithms.Sum(ofPrompt => Math.Exp(ofPrompt[label] - largest)) / count);
        }

        return new ScoredExample(scores, means, IndexOfLargest(means), isFinite: true);
    }

    private ScoredExample(double[] scores, double[] probabilities, int labelIndex, bool isFinite)
        : this(scores, null) => (_probabilities, LabelIndex, IsFinite) = (probabilities, labelIndex, isFinite);

    private static int IndexOfLargest(double[] values) => Array.IndexOf(values, values.Max());
}

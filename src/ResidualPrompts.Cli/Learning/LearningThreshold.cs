namespace ResidualPrompts.Cli.Learning;

/// <summary>
/// The metric that counts as learned, the same for all methods: the constant answer's plus 95 % of what the best method gains over it by its last
/// evaluation, in the median over seeds.
/// </summary>
/// <param name="Constant">The metric of the constant answer.</param>
/// <param name="Best">The highest median at a last evaluation.</param>
internal sealed record LearningThreshold(double Constant, double Best)
{
    /// <summary>The share of the gain.</summary>
    internal const double Share = 0.95;

    private const double Rounding = 1e-9; // metrics are fractions of at most some millions of rows

    /// <summary>The threshold.</summary>
    internal double Value => Constant + (Share * (Best - Constant));

    /// <summary>The threshold of several methods; null where none ends above the constant answer, so that nothing was learned.</summary>
    /// <param name="constant">The metric of the constant answer.</param>
    /// <param name="curves">The curve of each method.</param>
    internal static LearningThreshold? Of(double constant, IEnumerable<LearningCurve> curves) =>
        curves.Max(curve => curve.Final) is { } best && best > constant + Rounding ? new LearningThreshold(constant, best) : null;

    /// <summary>The first evaluation whose median reaches the threshold, whatever follows; null where none does.</summary>
    internal LearningPoint? FirstReached(LearningCurve curve) => curve.Points.FirstOrDefault(point => point.Metric.Median >= Value - Rounding);
}

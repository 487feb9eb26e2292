using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Learning;

/// <summary>What <c>bench learn</c> found.</summary>
/// <param name="Metric">The name of the metric.</param>
/// <param name="Constant">Its value for the constant answer.</param>
/// <param name="Methods">Each method at its best rate.</param>
internal sealed record LearningResult(string Metric, double Constant, IReadOnlyList<LearnedMethod> Methods)
{
    /// <summary>What counts as learned; null where no method ends above the constant answer.</summary>
    internal LearningThreshold? Threshold { get; } = LearningThreshold.Of(Constant, Methods.Select(method => method.Curve));

    /// <summary>Reads the curves of all runs, and chooses the rate of each method: the one with the highest median at the last evaluation.</summary>
    /// <param name="plan">The runs, all of them trained.</param>
    /// <param name="training">Reads their curves.</param>
    /// <param name="metric">The name of the metric.</param>
    /// <param name="constant">Its value for the constant answer.</param>
    /// <param name="diverged">Studies of which a run has diverged; their rates are not chosen.</param>
    internal static LearningResult Of(
        LearningPlan plan, LearningTraining training, string metric, double constant, IReadOnlySet<RunSpec> diverged)
    {
        var methods = new List<LearnedMethod>();
        foreach (var studies in plan.Studies.GroupBy(study => study.Method))
        {
            var curves = new OrderedDictionary<double, LearningCurve?>();
            foreach (var (_, rate, spec) in studies)
                curves.Add(rate, diverged.Contains(spec) ? null : training.Curve(spec, metric));
            methods.Add(LearnedMethod.Of(studies.Key, curves));
        }

        return new LearningResult(metric, constant, methods);
    }

    /// <summary>The first evaluation at which a method reaches the threshold; null where it does not.</summary>
    internal LearningPoint? Reached(LearnedMethod method) => Threshold?.FirstReached(method.Curve);
}

/// <summary>A method at its best rate.</summary>
/// <param name="Method">The method.</param>
/// <param name="Rate">The rate; null where all rates have diverged.</param>
/// <param name="Curve">What it learned at this rate.</param>
/// <param name="Finals">The median at the last evaluation for each rate; null where a run diverged.</param>
internal sealed record LearnedMethod(LearningMethod Method, double? Rate, LearningCurve Curve, IReadOnlyDictionary<double, double?> Finals)
{
    internal static LearnedMethod Of(LearningMethod method, IReadOnlyDictionary<double, LearningCurve?> curves)
    {
        var best = LearningCurve.Best(curves.Values.OfType<LearningCurve>());
        double? rate = best is null ? null : curves.First(pair => pair.Value == best).Key;
        var finals = new OrderedDictionary<double, double?>();
        foreach (var (key, curve) in curves)
            finals.Add(key, curve?.Final);
        return new LearnedMethod(method, rate, best ?? new LearningCurve([]), finals);
    }

    /// <summary>Whether the best rate is the lowest or highest of those that were tried, so that one beyond it may be better.</summary>
    internal bool IsAtEdge => Finals.Count > 1 && (Rate == Finals.Keys.Min() || Rate == Finals.Keys.Max());
}

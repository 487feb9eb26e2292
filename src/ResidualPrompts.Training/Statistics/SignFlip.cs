using ResidualPrompts.Randomness;

namespace ResidualPrompts.Statistics;

/// <summary>
/// A permutation test of no difference where rows cluster: if two runs are equally good, each cluster's difference could as well have the other sign
/// (Fisher 1935). All sign patterns are counted up to <see cref="ExactClusters"/> clusters, else some of them at random (Phipson and Smyth 2010: the
/// observed one is among them, so p is never 0).
/// </summary>
internal static class SignFlip
{
    internal const string Rule = "sign-flip of clusters";

    /// <summary>The most clusters with a difference whose patterns are all counted.</summary>
    internal const int ExactClusters = 16;

    private const int RandomPatterns = 20_000;

    /// <summary>Sums of equal terms in another order differ by rounding; they count as equal.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>The two-sided p value; 1 where all differences are 0.</summary>
    /// <param name="differences">The sum of the differences of each cluster's rows.</param>
    /// <param name="seed">Chooses the random patterns.</param>
    internal static double PValue(IReadOnlyList<double> differences, ulong seed)
    {
        double[] values = [.. differences.Where(value => value != 0)];
        var observed = Math.Abs(values.Sum());
        var limit = observed - (Tolerance * values.Sum(Math.Abs));
        if (values.Length == 0 || limit <= 0)
            return 1;
        return values.Length <= ExactClusters ? Exact(values, limit) : Random(values, limit, seed);
    }

    private static double Exact(double[] values, double limit)
    {
        var patterns = 1 << values.Length;
        var asFar = 0;
        for (var pattern = 0; pattern < patterns; pattern++)
        {
            double sum = 0;
            for (var i = 0; i < values.Length; i++)
                sum += (pattern >> i & 1) == 0 ? values[i] : -values[i];
            if (Math.Abs(sum) >= limit)
                asFar++;
        }

        return (double)asFar / patterns;
    }

    private static double Random(double[] values, double limit, ulong seed)
    {
        var random = new SplitMix64(seed);
        var asFar = 1; // the observed pattern
        for (var pattern = 0; pattern < RandomPatterns; pattern++)
        {
            double sum = 0;
            ulong bits = 0;
            for (var i = 0; i < values.Length; i++)
            {
                if (i % 64 == 0)
                    bits = random.Next();
                sum += (bits & 1) == 0 ? values[i] : -values[i];
                bits >>= 1;
            }

            if (Math.Abs(sum) >= limit)
                asFar++;
        }

        return (double)asFar / (RandomPatterns + 1);
    }
}

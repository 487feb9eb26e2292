using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Measuring.Calibrating;

/// <summary>
/// Chooses by measurements. A choice stays unless the other way is faster by at least 5 % and the quartiles do not overlap; so a second calibration
/// with similar times changes nothing.
/// </summary>
internal static class CalibrationRule
{
    /// <summary>The least gain for which a choice changes, a fraction of the faster time.</summary>
    internal const double LeastGain = 0.05;

    /// <summary>The operations that managed kernels shall compute.</summary>
    /// <param name="current">Those that they compute now.</param>
    /// <param name="times">Both ways of each operation; products after a norm by libtorch once for each way of the norm.</param>
    internal static Operations Decide(Operations current, IReadOnlyList<OperationTimes> times)
    {
        var managed = current;
        // The norm first: products after a norm by libtorch contain it.
        foreach (var operation in times.Select(one => one.Operation).Distinct().OrderBy(operation => operation != Operations.Norm))
        {
            var (libTorch, own) = Pair(times, operation, managed.HasFlag(Operations.Norm));
            if (IsFaster(own.Score, libTorch.Score))
                managed |= operation;
            else if (IsFaster(libTorch.Score, own.Score))
                managed &= ~operation;
        }

        return managed;
    }

    /// <summary>The two ways of an operation.</summary>
    /// <param name="times">All measurements.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="hasManagedNorm">Whether managed kernels compute norms before products by libtorch.</param>
    internal static (OperationTimes LibTorch, OperationTimes Managed) Pair(
        IReadOnlyList<OperationTimes> times, Operations operation, bool hasManagedNorm) => (
        times.Single(one => one.Operation == operation && !one.IsManaged
            && (operation != Operations.NormedLinear || one.HasManagedNorm == hasManagedNorm)),
        times.Single(one => one.Operation == operation && one.IsManaged));

    private static bool IsFaster(Spread one, Spread other) =>
        one.Median * (1 + LeastGain) <= other.Median && one.UpperQuartile < other.LowerQuartile;
}

using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Measuring.Calibrating;

/// <summary>How long one way of computing an operation took.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="IsManaged">Whether the managed kernels computed it.</param>
/// <param name="HasManagedNorm">For products after a norm by libtorch: whether the managed kernels computed the norm.</param>
/// <param name="Milliseconds">For each shape the time of each round.</param>
internal sealed record OperationTimes(Operations Operation, bool IsManaged, bool HasManagedNorm, IReadOnlyList<double[]> Milliseconds)
{
    /// <summary>The times of all shapes together: in each round the geometric mean, in which every shape counts the same.</summary>
    internal Spread Score => Spread.Of(Enumerable.Range(0, Milliseconds[0].Length).Select(
        round => Math.Exp(Milliseconds.Average(shape => Math.Log(shape[round])))));

    /// <summary>The median time of each shape.</summary>
    internal IEnumerable<double> Medians => Milliseconds.Select(shape => Spread.Of(shape).Median);
}

using System.Collections.Concurrent;
using static TorchSharp.torch;

namespace ResidualPrompts.Native;

/// <summary>
/// Whether a matrix product is right, for the price of two products with a vector (Freivalds 1977): where x · w = y, x · (w · v) = y · v for
/// every v, and where it is not, a v that is drawn shows it. w · v is made once for a frozen w.
/// </summary>
internal static class ProductCheck
{
    // Of the largest sum of a row. Rounding stays a hundred times below it; one wrong column of N is about 1 / √N of it.
    private const double Tolerance = 1e-3;

    private static readonly ConcurrentDictionary<long, Tensor> Drawn = new();

    /// <summary>w · v, outside of any graph and of the caller's scope.</summary>
    /// <param name="w">float32[A, B]</param>
    /// <returns>float32[A]</returns>
    internal static Tensor Probe(Tensor w)
    {
        using var noGradients = no_grad();
        return w.mv(Drawn.GetOrAdd(w.shape[1], Draw)).DetachFromDisposeScope();
    }

    /// <summary>Compares, outside of any graph.</summary>
    /// <param name="x">float32[R, A], some tens of rows at least.</param>
    /// <param name="probe">float32[A], <see cref="Probe"/> of w.</param>
    /// <param name="y">float32[R, B], to be x · w.</param>
    /// <returns>False too where y is not finite, which can be nobody's fault but proves nothing.</returns>
    internal static bool IsRight(Tensor x, Tensor probe, Tensor y)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var expected = x.mv(probe); // [R]
        var difference = y.mv(Drawn.GetOrAdd(y.shape[1], Draw)).sub_(expected).abs_().max().item<float>();
        return difference <= Tolerance * expected.abs_().max().item<float>();
    }

    // Of many sizes, for columns that have changed places would not show by drawn alone. Not of libtorch's generator, whose numbers belong to the run.
    private static Tensor Draw(long count)
    {
        var random = new Random((int)count);
        return tensor(Enumerable.Range(0, (int)count).Select(_ => (random.Next(2) == 0 ? -1 : 1) * (0.5f + random.NextSingle())).ToArray()).DetachFromDisposeScope();
    }
}

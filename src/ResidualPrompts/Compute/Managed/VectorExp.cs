using System.Runtime.CompilerServices;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// eˣ for the exponents of a softmax, which are not above 0. eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and a polynomial for eʳ (Cephes' expf),
/// within two units in the last place. .NET's own function computes in float64, for half as many numbers at a time.
/// </summary>
/// <typeparam name="TVectors">The instruction set.</typeparam>
/// <typeparam name="TVector">Its vector.</typeparam>
internal static class VectorExp<TVectors, TVector>
    where TVectors : struct, ISimdVectors<TVector>
    where TVector : unmanaged
{
    /// <summary>ln 2⁻¹²⁶: below it the result is 0, not a denormal number.</summary>
    private const float Lowest = -87.33654f;

    private const float Log2E = 1.44269504f;
    private const float LnTwoHigh = 0.693359375f; // few digits, so that its product with n is exact
    private const float LnTwoLow = -2.12194440e-4f;

    /// <summary>eˣ for x ≤ 0 and minus infinity; NaN of NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TVector Of(TVector x)
    {
        var lowest = TVectors.Broadcast(Lowest);
        var bounded = TVectors.Max(lowest, x);
        var n = TVectors.Round(TVectors.Multiply(bounded, TVectors.Broadcast(Log2E)));
        var r = TVectors.MultiplyAdd(n, TVectors.Broadcast(-LnTwoHigh), bounded);
        r = TVectors.MultiplyAdd(n, TVectors.Broadcast(-LnTwoLow), r);
        var p = TVectors.MultiplyAdd(r, TVectors.Broadcast(1.9875691500e-4f), TVectors.Broadcast(1.3981999507e-3f));
        p = TVectors.MultiplyAdd(p, r, TVectors.Broadcast(8.3334519073e-3f));
        p = TVectors.MultiplyAdd(p, r, TVectors.Broadcast(4.1665795894e-2f));
        p = TVectors.MultiplyAdd(p, r, TVectors.Broadcast(1.6666665459e-1f));
        p = TVectors.MultiplyAdd(p, r, TVectors.Broadcast(5.0000001201e-1f));
        p = TVectors.MultiplyAdd(p, TVectors.Multiply(r, r), TVectors.Add(r, TVectors.Broadcast(1)));
        return TVectors.ZeroBelow(lowest, x, TVectors.Multiply(p, TVectors.PowerOfTwo(n)));
    }
}

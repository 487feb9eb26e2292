using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>Multiplies bytes with AVX-VNNI: one instruction computes 32 products and their sums.</summary>
internal readonly struct AvxVnniBytes : IByteVectors
{
    public static string Name => "avx-vnni";

    public static bool IsSupported => AvxVnni.IsSupported;

    public static Vector256<int> MultiplyAdd(Vector256<byte> a, Vector256<sbyte> b, Vector256<int> sum) => AvxVnni.MultiplyWideningAndAdd(sum, a, b);
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Multiplies bytes by 16-bit products, because the AVX2 instruction for bytes (vpmaddubsw) saturates at 16 bits. Not faster than float32, but the
/// results equal those of a processor with AVX-VNNI.
/// </summary>
internal readonly struct Avx2Bytes : IByteVectors
{
    private const int BitsOfByte = 8;

    public static string Name => "avx2";

    public static bool IsSupported => Avx2.IsSupported;

    public static Vector256<int> MultiplyAdd(Vector256<byte> a, Vector256<sbyte> b, Vector256<int> sum)
    {
        var (evenA, oddA) = (a.AsInt16() & Vector256.Create((short)byte.MaxValue), (a.AsUInt16() >>> BitsOfByte).AsInt16());
        var (evenB, oddB) = ((b.AsInt16() << BitsOfByte) >> BitsOfByte, b.AsInt16() >> BitsOfByte);
        return sum + Avx2.MultiplyAddAdjacent(evenA, evenB) + Avx2.MultiplyAddAdjacent(oddA, oddB);
    }
}

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// Multiplies bytes with AVX2: vpmaddubsw adds two products in 16 bits, vpmaddwd adds two of these sums in 32 bits. The first saturates beyond
/// 32,767, so the bytes of a row end at 127: two products are 32,258 at most.
/// </summary>
internal readonly unsafe struct Avx2Bytes : IByteVectors<Vector256<int>>
{
    public static string Name => "avx2";

    public static bool IsSupported => Avx2.IsSupported;

    public static int MR => 6;

    public static int LargestByte => sbyte.MaxValue;

    public static Vector256<int> Load(sbyte* source) => Vector256.Load(source).AsInt32();

    public static Vector256<int> MultiplyAdd(int a, Vector256<int> b, Vector256<int> sum) =>
        sum + Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Create(a).AsByte(), b.AsSByte()), Vector256<short>.One);

    public static void Store(Vector256<int> products, float scale, int zeroPoint, float* scales, int* sums, float* target) =>
        Dequantize(products, scale, zeroPoint, scales, sums).Store(target);

    internal static Vector256<float> Dequantize(Vector256<int> products, float scale, int zeroPoint, float* scales, int* sums) =>
        Vector256.ConvertToSingle(products - (Vector256.Create(zeroPoint) * Vector256.Load(sums)))
        * (Vector256.Create(scale) * Vector256.Load(scales));
}

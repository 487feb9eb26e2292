using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>Multiplies bytes with AVX-VNNI: one instruction computes 32 products and their sums.</summary>
internal readonly unsafe struct AvxVnniBytes : IByteVectors<Vector256<int>>
{
    public static string Name => "avx-vnni";

    public static bool IsSupported => AvxVnni.IsSupported;

    public static int MR => 6;

    public static int LargestByte => byte.MaxValue;

    public static Vector256<int> Load(sbyte* source) => Vector256.Load(source).AsInt32();

    public static Vector256<int> MultiplyAdd(int a, Vector256<int> b, Vector256<int> sum) =>
        AvxVnni.MultiplyWideningAndAdd(sum, Vector256.Create(a).AsByte(), b.AsSByte());

    public static void Store(Vector256<int> products, float scale, int zeroPoint, float* scales, int* sums, float* target) =>
        Avx2Bytes.Dequantize(products, scale, zeroPoint, scales, sums).Store(target);
}

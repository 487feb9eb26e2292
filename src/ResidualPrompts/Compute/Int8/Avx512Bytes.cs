using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// The instructions of <see cref="Avx2Bytes"/> in 512 bits, and the same sums. For processors whose byte instructions of 512 bits .NET does not
/// expose, and which lack those of 256.
/// </summary>
internal readonly unsafe struct Avx512Bytes : IByteVectors<Vector512<int>>
{
    public static string Name => "avx512";

    public static bool IsSupported => Avx512BW.IsSupported;

    public static int MR => 8;

    public static int LargestByte => Avx2Bytes.LargestByte;

    public static Vector512<int> Load(sbyte* source) => Vector512.Load(source).AsInt32();

    public static Vector512<int> MultiplyAdd(int a, Vector512<int> b, Vector512<int> sum) =>
        sum + Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(Vector512.Create(a).AsByte(), b.AsSByte()), Vector512<short>.One);

    public static void Store(Vector512<int> products, float scale, int zeroPoint, float* scales, int* sums, float* target) =>
        (Vector512.ConvertToSingle(products - (Vector512.Create(zeroPoint) * Vector512.Load(sums)))
            * (Vector512.Create(scale) * Vector512.Load(scales))).Store(target);
}

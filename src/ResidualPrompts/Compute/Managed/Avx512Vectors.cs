using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// AVX-512: an 8 × 32 micro-tile, 16 sums in 32 registers. Two multipliers with a latency of four never wait for a sum, and each load serves two
/// to eight multiplications.
/// </summary>
internal readonly unsafe struct Avx512Vectors : ISimdVectors<Vector512<float>>
{
    public static string Name => "avx512";

    public static bool IsSupported => Avx512F.IsSupported;

    public static int MR => 8;

    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    public static void Store(Vector512<float> vector, float* target) => vector.Store(target);

    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Avx512F.FusedMultiplyAdd(a, b, c);

    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Avx512F.Max(a, b);

    public static Vector512<float> Round(Vector512<float> vector) => Avx512F.RoundScale(vector, 0); // 0: nearest, no binary digits kept

    public static Vector512<float> PowerOfTwo(Vector512<float> exponents) =>
        Avx512F.ShiftLeftLogical(Avx512F.Add(Avx512F.ConvertToVector512Int32(exponents), Vector512.Create(127)), 23).AsSingle();

    public static Vector512<float> ZeroBelow(Vector512<float> bound, Vector512<float> x, Vector512<float> vector) =>
        Vector512.ConditionalSelect(Avx512F.CompareLessThan(x, bound), Vector512<float>.Zero, vector);

    public static float Sum(Vector512<float> vector) => Avx2Vectors.Sum(vector.GetLower() + vector.GetUpper());

    public static float Largest(Vector512<float> vector) => Avx2Vectors.Largest(Avx.Max(vector.GetLower(), vector.GetUpper()));
}

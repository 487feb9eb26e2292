using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ResidualPrompts.Compute.Managed;

/// <summary>AVX2 and FMA: a 6 × 16 micro-tile. 16 registers hold 12 sums, two vectors of the panel and a broadcast element.</summary>
internal readonly unsafe struct Avx2Vectors : ISimdVectors<Vector256<float>>
{
    public static string Name => "avx2";

    public static bool IsSupported => Fma.IsSupported && Avx2.IsSupported;

    public static int MR => 6;

    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    public static void Store(Vector256<float> vector, float* target) => vector.Store(target);

    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Fma.MultiplyAdd(a, b, c);

    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Avx.Max(a, b);

    public static Vector256<float> Round(Vector256<float> vector) => Avx.RoundToNearestInteger(vector);

    public static Vector256<float> PowerOfTwo(Vector256<float> exponents) =>
        Avx2.ShiftLeftLogical(Avx2.Add(Avx.ConvertToVector256Int32(exponents), Vector256.Create(127)), 23).AsSingle();

    public static Vector256<float> ZeroBelow(Vector256<float> bound, Vector256<float> x, Vector256<float> vector) =>
        Avx.AndNot(Avx.CompareLessThan(x, bound), vector);

    public static float Sum(Vector256<float> vector) => Vector256.Sum(vector);

    public static float Largest(Vector256<float> vector)
    {
        var four = Sse.Max(vector.GetLower(), vector.GetUpper());
        var two = Sse.Max(four, Sse.MoveHighToLow(four, four));
        return Math.Max(two[0], two[1]);
    }
}

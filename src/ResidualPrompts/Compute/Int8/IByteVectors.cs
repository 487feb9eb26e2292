using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Int8;

/// <summary>A processor's way to multiply bytes. All give the same integers.</summary>
internal interface IByteVectors
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>sum + a · b; four products that stand side by side go to one sum.</summary>
    static abstract Vector256<int> MultiplyAdd(Vector256<byte> a, Vector256<sbyte> b, Vector256<int> sum);
}

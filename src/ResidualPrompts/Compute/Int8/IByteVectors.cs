using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Int8;

/// <summary>An instruction set that multiplies bytes. All implementations give the same integers.</summary>
internal interface IByteVectors
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>sum + a · b; each sum takes four adjacent products.</summary>
    static abstract Vector256<int> MultiplyAdd(Vector256<byte> a, Vector256<sbyte> b, Vector256<int> sum);
}

using System.Runtime.Intrinsics;

namespace ResidualPrompts.Compute.Int8;

/// <summary>An instruction set that multiplies bytes. All give the same integers.</summary>
internal interface IByteVectors
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>sum + a · b; four adjacent products go to one sum.</summary>
    static abstract Vector256<int> MultiplyAdd(Vector256<byte> a, Vector256<sbyte> b, Vector256<int> sum);
}

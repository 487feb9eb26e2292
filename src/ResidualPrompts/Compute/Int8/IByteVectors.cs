namespace ResidualPrompts.Compute.Int8;

/// <summary>
/// The vectors of an instruction set that multiplies bytes, and the micro-tile that fits into its registers: MR rows of two vectors.
/// </summary>
/// <typeparam name="TVector">A vector of 32-bit sums, and of four times as many bytes.</typeparam>
internal unsafe interface IByteVectors<TVector>
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>6 or 8.</summary>
    static abstract int MR { get; }

    /// <summary>The largest byte of a row, 255 or 127: the smallest element (or zero) of a row becomes 0, the largest (or zero) this.</summary>
    static abstract int LargestByte { get; }

    static abstract TVector Load(sbyte* source);

    /// <summary>sum + a · b; each sum takes four adjacent products, exactly.</summary>
    /// <param name="a">Four bytes of a row, for every sum the same.</param>
    /// <param name="b">Four bytes of each column.</param>
    /// <param name="sum">The sums.</param>
    static abstract TVector MultiplyAdd(int a, TVector b, TVector sum);

    /// <summary>target = scale · scales ⊙ (products − zeroPoint · sums)</summary>
    /// <param name="products">Sums of products of a row with each column.</param>
    /// <param name="scale">The row's scale.</param>
    /// <param name="zeroPoint">The row's zero point.</param>
    /// <param name="scales">Scale of each column.</param>
    /// <param name="sums">Sum of each column's values.</param>
    /// <param name="target">A vector of float32 is written.</param>
    static abstract void Store(TVector products, float scale, int zeroPoint, float* scales, int* sums, float* target);
}

namespace ResidualPrompts.Compute.Managed;

/// <summary>The vectors of an instruction set, and the micro-tile that fits into its registers: MR rows of two vectors.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface ISimdVectors<TVector>
{
    static abstract string Name { get; }

    static abstract bool IsSupported { get; }

    /// <summary>6 or 8.</summary>
    static abstract int MR { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector vector, float* target);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, rounded once (FMA).</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger of each two elements; that of b where either is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The nearest integers; of two, the even one.</summary>
    static abstract TVector Round(TVector vector);

    /// <summary>2ⁿ of integers n from −126 to 127; undefined elsewhere.</summary>
    static abstract TVector PowerOfTwo(TVector exponents);

    /// <summary>Elements of <paramref name="vector"/>, and 0 where those of x are below those of the bound; NaN is below nothing.</summary>
    static abstract TVector ZeroBelow(TVector bound, TVector x, TVector vector);

    static abstract float Sum(TVector vector);

    /// <summary>The largest element; undefined where one is NaN.</summary>
    static abstract float Largest(TVector vector);
}

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

    /// <summary>a · b + c, rounded once (FMA).</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);
}

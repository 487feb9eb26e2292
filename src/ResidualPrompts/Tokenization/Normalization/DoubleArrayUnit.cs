namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>
/// One 32-bit unit of a darts-clone double array (https://github.com/s-yata/darts-clone), in which SentencePiece stores its normalization map.
/// The node at index i has its children at <c>Base(i) ^ label</c>, where the unit's label must equal the byte. If a key ends at the node, its
/// value is at <c>Base(i)</c>.
/// </summary>
internal readonly record struct DoubleArrayUnit(uint Bits)
{
    /// <summary>The label. A unit that holds a value has the highest bit set, so it never equals a label.</summary>
    public uint Label => Bits & 0x800000FF;

    public bool EndsKey => ((Bits >> 8) & 1) != 0;

    public int Value => (int)(Bits & 0x7FFFFFFF);

    public bool IsValue => (Bits & 0x80000000) != 0;

    /// <summary>Where the children of the node at this index start.</summary>
    public uint Base(uint index) => index ^ ((Bits >> 10) << (int)((Bits & (1 << 9)) >> 6));
}

namespace ResidualPrompts.Compute.Int8;

/// <summary>Rows of <see cref="Int8Rows"/> from a given row on: x = scale · (value − zero point), with a scale and a zero point per row.</summary>
/// <param name="values">First value.</param>
/// <param name="stride">Values from one row to the next.</param>
/// <param name="scales">Scale of the first row.</param>
/// <param name="zeroPoints">Zero point of the first row.</param>
internal readonly unsafe struct Int8RowView(byte* values, nint stride, float* scales, int* zeroPoints)
{
    internal byte* Values => values;

    internal nint Stride => stride;

    internal float* Scales => scales;

    internal int* ZeroPoints => zeroPoints;

    /// <summary>The rows from a given row on.</summary>
    internal Int8RowView From(int row) => new(values + (row * stride), stride, scales + row, zeroPoints + row);
}

namespace ResidualPrompts.Compute.Int8;

/// <summary>A packed panel of a quantized weight: NR of its rows, w = scale · value with one scale per row.</summary>
/// <param name="values">i8[height, NR, <see cref="Int8MicroKernel.Depth"/>]</param>
/// <param name="scales">Scale of each column.</param>
/// <param name="sums">Sum of each column's values.</param>
internal readonly unsafe struct Int8Panel(sbyte* values, float* scales, int* sums)
{
    internal sbyte* Values => values;

    internal float* Scales => scales;

    internal int* Sums => sums;
}

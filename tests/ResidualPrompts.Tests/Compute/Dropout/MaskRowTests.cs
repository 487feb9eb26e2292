using System.Runtime.Intrinsics.X86;
using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Tests.Compute.Dropout;

/// <summary>A mask is a hash of the element's position: the same bits in vectors of any width, and in none.</summary>
public sealed unsafe class MaskRowTests
{
    private const float Kept = 1.25f;
    private const float Dropped = -3;

    public static MatrixTheoryData<bool, int> Widths => new([false, true], [0, 16, 32, 48, 1024]);

    [Theory]
    [MemberData(nameof(Widths))]
    public void Elements_are_those_of_the_definition(bool isWide, int firstColumn)
    {
        Assert.SkipWhen(isWide && !Avx512F.IsSupported, "this processor has no vectors of 512 bits");
        foreach (var threshold in new uint[] { 0, 1, 6554, 32768, 65535, 65536 })
        {
            for (var count = 0; count <= 100; count++)
            {
                var rule = new MaskRow.Rule(0x12345678u + threshold, threshold, Kept, Dropped);
                Filled(rule, firstColumn, count, isWide).Should().Equal(
                    [.. Enumerable.Range(firstColumn, count).Select(column => IsKept(rule, column) ? Kept : Dropped), .. Enumerable.Repeat(7f, 40)]);
            }
        }
    }

    [Fact]
    public void A_row_in_pieces_is_the_whole_row()
    {
        var mask = new MatrixMask(new MaskGenerator(0.3, 11), 5, [4, 9], Kept);
        var whole = new float[777];
        mask.Fill(1, 0, whole);
        var pieces = new float[777];
        foreach (var (from, to) in new[] { (0, 48), (48, 64), (64, 640), (640, 777) })
            mask.Fill(1, from, pieces.AsSpan(from..to));
        pieces.Should().Equal(whole);
    }

    private static float[] Filled(MaskRow.Rule rule, int firstColumn, int count, bool isWide)
    {
        var row = new float[count + 40];
        Array.Fill(row, 7);
        fixed (float* start = row)
            MaskRow.Fill(start, firstColumn, count, rule, isWide);
        return row;
    }

    /// <summary>The hash of a counter decides two elements that are eight columns apart.</summary>
    private static bool IsKept(MaskRow.Rule rule, int column)
    {
        var (block, within) = Math.DivRem(column, 16);
        var hash = MaskRow.Hash(rule.Key ^ (uint)((8 * block) + (within % 8)));
        return (within < 8 ? hash & 0xFFFF : hash >> 16) >= rule.Threshold;
    }
}

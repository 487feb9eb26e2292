using ResidualPrompts.Files;

namespace ResidualPrompts.Tests.Files;

public sealed class BlockHashTests
{
    [Fact]
    public void The_same_bytes_have_the_same_digest_on_every_machine()
    {
        BlockHash.Of(Some(1000)).Should().Be(31197810236050202UL);
        BlockHash.Of([]).Should().Be(18324536457791862776UL);
    }

    [Fact]
    public void Every_bit_and_every_place_counts()
    {
        var seen = new HashSet<ulong>();
        for (var size = 0; size <= 300; size++)
            seen.Add(BlockHash.Of(new byte[size])).Should().BeTrue($"{size} zeros are not fewer");
        var bytes = Some(300);
        seen.Add(BlockHash.Of(bytes)).Should().BeTrue();
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            seen.Add(BlockHash.Of(bytes)).Should().BeTrue($"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    /// <summary>Words as of bfloat16 weights: only their upper halves differ, which sums and products by powers of two lose first.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(32)]
    [InlineData(128)]
    [InlineData(4096)]
    public void Exchanged_blocks_are_seen_at_any_distance(int size)
    {
        var bytes = new byte[1 << 20];
        for (var i = 0; i < bytes.Length; i += 4)
            BitConverter.TryWriteBytes(bytes.AsSpan(i), BitConverter.SingleToUInt32Bits(1f + ((i / size) % 97 / 128f)) & 0xffff0000);
        var whole = BlockHash.Of(bytes);
        for (var distance = size; distance + size <= bytes.Length; distance *= 2)
        {
            var (first, second) = (bytes.AsSpan(0, size).ToArray(), bytes.AsSpan(distance, size).ToArray());
            if (first.AsSpan().SequenceEqual(second))
                continue;
            second.CopyTo(bytes.AsSpan());
            first.CopyTo(bytes.AsSpan(distance));
            BlockHash.Of(bytes).Should().NotBe(whole, $"{size} bytes at a distance of {distance}");
            first.CopyTo(bytes.AsSpan());
            second.CopyTo(bytes.AsSpan(distance));
        }

        BlockHash.Of(bytes).Should().Be(whole);
    }

    private static byte[] Some(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)((i * 37) + (i / 11)))];
}

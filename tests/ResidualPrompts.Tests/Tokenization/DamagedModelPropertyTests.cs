using CsCheck;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class DamagedModelPropertyTests
{
    private static readonly byte[] Small = SpieceFile.Bytes();

    // a file this small without a map is nearly all structure, so that every change hits something
    private static readonly byte[] Smallest = SpieceFile.Bytes(file => file.CharsMap = []);

    [Fact]
    public void A_damaged_small_model_is_refused_or_works() =>
        Gen.OneOf(Damage(Small), Damage(Smallest)).Sample(RefusedOrWorking, iter: 6_000, print: Convert.ToHexString);

    [Fact]
    public void A_damaged_real_model_is_refused_or_works() =>
        Damage(NanoTokenizer.ModelBytes).Sample(RefusedOrWorking, iter: 300, print: model => $"{model.Length} bytes");

    [Fact]
    public void A_damaged_map_alone_is_refused_or_works() =>
        Damage(new SpieceFile().CharsMap).Select(map => SpieceFile.Bytes(file => file.CharsMap = map))
            .Sample(RefusedOrWorking, iter: 3_000, print: Convert.ToHexString);

    [Fact]
    public void Arbitrary_bytes_are_refused() =>
        Gen.Byte.Array[0, 300].Sample(bytes => Parse(bytes) is null, iter: 2_000);

    [Fact]
    public void A_model_cut_off_anywhere_is_refused_or_works()
    {
        for (var length = 0; length < Smallest.Length; length++)
            RefusedOrWorking(Smallest[..length]);
    }

    /// <summary>Some bytes changed, and sometimes a part cut away, doubled or appended.</summary>
    private static Gen<byte[]> Damage(byte[] model) =>
        Gen.Select(
            Gen.Select(Gen.Int[0, model.Length - 1], Gen.Byte).Array[0, 6],
            Gen.Int[0, 5],
            Gen.Int[0, model.Length],
            Gen.Int[0, model.Length],
            (edits, shape, from, to) =>
            {
                var damaged = model.ToArray();
                foreach (var (position, value) in edits)
                    damaged[position] = value;
                var (start, end) = (Math.Min(from, to), Math.Max(from, to));
                return shape switch
                {
                    0 => damaged[..end],
                    1 => [.. damaged[..start], .. damaged[end..]],
                    2 => [.. damaged[..end], .. damaged[start..]],
                    _ => damaged,
                };
            });

    private static void RefusedOrWorking(byte[] model)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tokenizer = Parse(model);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(100_000 + (200L * model.Length));
        if (tokenizer is null)
            return;

        foreach (var text in new[] { "", "ab\tba e\u0301 \ufb01 </s> <extra_id_3>\0\u0001", "日本\ufdfa\ud83d x", new string('\t', 2000),
            new string('a', 2000) })
        {
            var ids = tokenizer.Encode(text);
            ids.Should().OnlyContain(id => id >= 0 && id < tokenizer.VocabularySize);
            tokenizer.Decode(ids).Should().NotBeNull();
        }
    }

    private static T5Tokenizer? Parse(byte[] model)
    {
        try
        {
            return T5Tokenizer.Parse(model);
        }
        catch (TokenizerException)
        {
            return null;
        }
    }
}

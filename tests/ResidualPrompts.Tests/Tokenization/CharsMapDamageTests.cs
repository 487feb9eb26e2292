using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class CharsMapDamageTests
{
    private const int OffsetShift = 10;

    // the key "\t": the root's children start at 256, the node's own value stands where its first block starts, at 512
    private const int NodeOfTab = 256 + '\t';
    private const int ValueOfTab = 512;

    [Fact]
    public void The_map_of_these_tests_is_good_as_it_is()
    {
        var units = CharsMapFile.Split(new SpieceFile().CharsMap).Units;

        (units[NodeOfTab] & 0x1FF).Should().Be(0x100 | '\t');
        units[ValueOfTab].Should().Be(0x80000000);
        SpieceFile.Tokenizer().Encode("a\tb").Should().Equal(7, 3, 5, 1);
    }

    public static IEnumerable<TheoryDataRow<string, byte[]>> Maps() =>
    [
        new("*only 3 bytes*", [1, 0, 0]),
        new("*should have 0 bytes*", [0, 0, 0, 0]),
        new("*should have 8 bytes*", [8, 0, 0, 0, 0, 0, 0, 0]),
        new("*should have 4294967295 bytes*", [255, 255, 255, 255, 0, 0, 0, 0]),
        new("*should have 3 bytes, a multiple of 4*", [3, 0, 0, 0, 0, 0, 0, 0]),
        new("*not ended by a zero byte*", [4, 0, 0, 0, 0, 0, 0, 0]),
        new("*not ended by a zero byte*", [4, 0, 0, 0, 0, 0, 0, 0, (byte)'a']),
        new("*not valid UTF-8*", [4, 0, 0, 0, 0, 0, 0, 0, 0xC0, 0]),
        new("*points to byte 100000 of*", Damaged(units => units[ValueOfTab] = 100_000)),
        new("*points to byte 2147483647 of*", Damaged(units => units[ValueOfTab] = uint.MaxValue)),
        new("*stands at unit*", Damaged(units => units[NodeOfTab] |= 0x1FFFFF << OffsetShift)),
        new("*into the middle of a character*", Damaged(units => units[ValueOfTab] += 5)),
        // the children of "\t" are the children of the root: any number of tabs would be a key
        new("*runs in a circle*", Damaged(units => units[NodeOfTab] = '\t' | 0x100 | ((NodeOfTab ^ 256u) << OffsetShift))),
        new("*key of more than 255 bytes*", CharsMapFile.Make((new string('a', 256), "b"))),
        new("*has more than 255 bytes*", CharsMapFile.Make(("a", new string('b', 256)))),
    ];

    [Theory]
    [MemberData(nameof(Maps))]
    public void A_damaged_map_is_an_error(string message, byte[] map)
    {
        var parse = () => SpieceFile.Tokenizer(file => file.CharsMap = map);

        parse.Should().Throw<TokenizerException>().WithMessage(message).WithMessage("*precompiled_charsmap*");
    }

    [Fact]
    public void The_longest_strings_that_are_allowed_work()
    {
        var tokenizer = SpieceFile.Tokenizer(file => file.CharsMap = CharsMapFile.Make((new string('x', 255), new string('b', 255))));

        tokenizer.Encode(new string('x', 255)).Should().Equal([3, .. Enumerable.Repeat(5, 255), 1]);
        tokenizer.Encode(new string('x', 254)).Should().Equal(3, 2, 1);
    }

    private static byte[] Damaged(Action<uint[]> change)
    {
        var (units, replacements) = CharsMapFile.Split(new SpieceFile().CharsMap);
        change(units);
        return CharsMapFile.Join(units, replacements);
    }
}

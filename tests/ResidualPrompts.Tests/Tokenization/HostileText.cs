using CsCheck;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Random texts out of what tokenizers stumble over.</summary>
internal static class HostileText
{
    private static readonly Gen<string> Part = Gen.Frequency(
        (6, Gen.OneOf("the", " the ", "n't", "don't", "'s", "e", "ing", "un", "ab", "aa", "....", "==", "1", "2019", "X", ",", ".", "-", "_")),
        (4, Gen.OneOf("</s>", "<pad>", "<unk>", "<extra_id_0>", "<extra_id_99>", "<extra_id_100>", "<extra_id_01>", "<extra_id_", "<", ">", "<s>",
            "</s")),
        (4, Gen.OneOf(" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u2581", "\u200b", "\ufeff", "\u0085", "\u001c", "\u001f", "\u2028", "\u180e")),
        (3, Gen.OneOf("\0", "\u0001", "\u007f", "\u00ad", "\ufffd", "\uffff", "\ud83d", "\ude00", "\ud83d\ude00", "\udbff\udfff")),
        (3, Gen.OneOf("é", "e\u0301", "o\u0308\u0308\u0308", "\u0301", "\u0323", "\u1100\u1161\u11a8", "\ufdfa", "\ufb03", "\uff28", "½",
            "\u1e9b\u0323", "日本", "ß", "ё", "\u0915\u093c")),
        (2, Gen.Char.Select(c => c.ToString())),
        (2, Gen.Char[' ', '~'].Select(c => c.ToString())));

    public static Gen<string> Short { get; } = Part.Array[0, 14].Select(string.Concat);

    public static Gen<string> AnyUtf16 { get; } = Gen.Char.Array[0, 200].Select(characters => new string(characters));
}

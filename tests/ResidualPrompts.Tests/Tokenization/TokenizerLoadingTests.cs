using System.Text;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

public class TokenizerLoadingTests
{
    [Fact]
    public void A_folder_without_a_model_is_named()
    {
        using var folder = new TemporaryFolder();
        var load = () => T5Tokenizer.Load(folder.Path);

        T5Tokenizer.ExistsIn(folder.Path).Should().BeFalse();
        load.Should().Throw<TokenizerException>().WithMessage($"*'{folder.Path}'*'spiece.model'*'tokenizer.json'*");
    }

    [Fact]
    public void A_folder_with_a_model_alone_has_100_extra_ids()
    {
        using var folder = new TemporaryFolder().With("spiece.model", SpieceFile.Bytes());

        T5Tokenizer.ExistsIn(folder.Path).Should().BeTrue();
        T5Tokenizer.Load(folder.Path).VocabularySize.Should().Be(110);
    }

    [Theory]
    [InlineData("""{ "extra_ids": 7 }""", 17)]
    [InlineData("""{ "extra_ids": 0, "legacy": true }""", 10)]
    [InlineData("""{ "legacy": true }""", 110)]
    public void Extra_ids_are_read_from_the_settings(string json, int vocabularySize)
    {
        using var folder = new TemporaryFolder().With("spiece.model", SpieceFile.Bytes()).With("tokenizer_config.json", Encoding.UTF8.GetBytes(json));

        T5Tokenizer.Load(folder.Path).VocabularySize.Should().Be(vocabularySize);
    }

    [Theory]
    [InlineData("", "*not JSON*")]
    [InlineData("{", "*not JSON*")]
    [InlineData("{\"a\": \"\xff", "*not JSON*")]
    [InlineData("[]", "*expected a JSON object, found Array*")]
    [InlineData("""{ "extra_ids": "100" }""", "*found \"100\"*")]
    [InlineData("""{ "extra_ids": 1.5 }""", "*found 1.5*")]
    [InlineData("""{ "extra_ids": -1 }""", "*from 0 to 10000, found -1*")]
    [InlineData("""{ "extra_ids": 1e30 }""", "*found 1e30*")]
    [InlineData("""{ "extra_ids": null }""", "*found null*")]
    [InlineData("""{ "extra_ids": [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20] }""", "*found [0,1,2,3*…*")]
    [InlineData("""{ "\ud800__________": 1 }""", "*not JSON*")]
    public void Broken_settings_are_an_error(string json, string message)
    {
        using var folder = new TemporaryFolder().With("spiece.model", SpieceFile.Bytes())
            .With("tokenizer_config.json", Encoding.Latin1.GetBytes(json));
        var load = () => T5Tokenizer.Load(folder.Path);

        load.Should().Throw<TokenizerException>().WithMessage(message).WithMessage($"*{folder.Path}*tokenizer_config.json*");
    }

    [Fact]
    public void A_model_that_is_too_large_is_not_read()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(Path.Combine(folder.Path, "spiece.model")))
            file.SetLength(1L << 40);
        var load = () => T5Tokenizer.Load(folder.Path);

        load.Should().Throw<TokenizerException>().WithMessage("*1099511627776*67108864*");
    }

    public static TheoryData<string, byte[]> ForeignFiles() => new()
    {
        { "*no pieces*", [] },
        { "*not a protocol buffer*", "version https://git-lfs.github.com/spec/v1\noid sha256:0"u8.ToArray() },
        { "*not a protocol buffer*", "{ \"version\": \"1.0\" }"u8.ToArray() },
        { "*not a protocol buffer*", new byte[100] },
        { "*cut off*", NanoTokenizer.ModelBytes[..200_000] },
        { "*cut off*", NanoTokenizer.ModelBytes[..10] },
        { "*runs over the end*", [0x0A, 0x02, 0x15, 0, 0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(ForeignFiles))]
    public void A_damaged_or_foreign_file_is_an_error(string message, byte[] file)
    {
        var parse = () => T5Tokenizer.Parse(file);

        parse.Should().Throw<TokenizerException>().WithMessage(message).WithMessage("*spiece.model*");
    }

    private static readonly Dictionary<string, Action<SpieceFile>> FaultyModels = new()
    {
        ["*model type is BPE (2)*"] = file => file.ModelType = 2,
        ["*model type is word (3)*"] = file => file.ModelType = 3,
        ["*model type is character (4)*"] = file => file.ModelType = 4,
        ["*treat_whitespace_as_suffix*"] = file => file.TrainerSettings[24] = true,
        ["*byte_fallback is true, but the byte piece '<0x00>' is missing*"] = file => file.TrainerSettings[35] = true,
        ["*byte_fallback is true, but the byte piece '<0xC3>' is missing*"] = file =>
            Bytes(file).Pieces.RemoveAll(piece => piece.Text == "<0xC3>"),
        ["*piece 10 ('<0x0>') is a byte piece, expected <0x00> to <0xFF>*"] = file => Bytes(file).Pieces[10] = ("<0x0>", 0, PieceKind.Byte),
        ["*add_dummy_prefix*"] = file => file.NormalizerSettings[3] = false,
        ["*remove_extra_whitespaces*"] = file => file.NormalizerSettings[4] = false,
        ["*escape_whitespaces*"] = file => file.NormalizerSettings[5] = false,
        ["*no pieces*"] = file => file.Pieces.Clear(),
        ["*no normal pieces*"] = file => file.Pieces.RemoveRange(3, file.Pieces.Count - 3),
        ["*piece 2 is missing*"] = file => file.Pieces.RemoveRange(2, file.Pieces.Count - 2),
        ["*piece 0 is '</s>' (Control), expected '<pad>'*"] = file => file.Pieces.RemoveAt(0),
        ["*piece 2 is '<unk>' (Normal)*"] = file => file.Pieces[2] = ("<unk>", 0, PieceKind.Normal),
        ["*piece 4*second unknown*"] = file => file.Pieces[4] = ("a", 0, PieceKind.Unknown),
        ["*piece 4 ('<0x41>') is a byte piece, but byte_fallback is false*"] = file => file.Pieces[4] = ("<0x41>", 0, PieceKind.Byte),
        ["*unknown kind 9*"] = file => file.Pieces[4] = ("a", 0, (PieceKind)9),
        ["*piece 4 ('a') is NaN*"] = file => file.Pieces[4] = ("a", float.NaN, PieceKind.Normal),
        ["*piece 4 ('a') is -Infinity*"] = file => file.Pieces[4] = ("a", float.NegativeInfinity, PieceKind.Normal),
        ["*piece 5 ('a') occurs twice*"] = file => file.Pieces[5] = ("a", -1, PieceKind.Normal),
        ["*piece 5 ('<pad>') occurs twice*"] = file => file.Pieces[5] = ("<pad>", -1, PieceKind.Normal),
        ["*piece 4 has no text*"] = file => file.Pieces[4] = ("", -1, PieceKind.Normal),
        ["*piece 4 has 2000 bytes*"] = file => file.Pieces[4] = (new string('a', 2000), -1, PieceKind.Normal),
        ["*piece 4 is '<extra_id_3>'*"] = file => file.Pieces[4] = ("<extra_id_3>", -1, PieceKind.Normal),
    };

    private static SpieceFile Bytes(SpieceFile file)
    {
        file.AddBytePieces();
        return file;
    }

    public static TheoryData<string> Faults() => [.. FaultyModels.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_model_that_T5_cannot_use_is_an_error(string message)
    {
        var parse = () => SpieceFile.Tokenizer(FaultyModels[message]);

        parse.Should().Throw<TokenizerException>().WithMessage(message);
    }

    [Fact]
    public void A_model_whose_fields_have_their_defaults_is_good()
    {
        var tokenizer = SpieceFile.Tokenizer(file => file.ModelType = null);

        tokenizer.PieceCount.Should().Be(10);
    }
}

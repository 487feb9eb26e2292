using Google.Protobuf;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>A small spiece.model, made field by field, so that a test can make each field wrong.</summary>
internal sealed class SpieceFile
{
    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } =
    [
        ("<pad>", 0, PieceKind.Control), ("</s>", 0, PieceKind.Control), ("<unk>", 0, PieceKind.Unknown),
        ("▁", -2, PieceKind.Normal), ("a", -3, PieceKind.Normal), ("b", -3.5f, PieceKind.Normal), ("ab", -4, PieceKind.Normal),
        ("▁a", -3.25f, PieceKind.Normal), ("é", -5, PieceKind.Normal), ("▁ab", -6, PieceKind.Normal),
    ];

    public byte[] CharsMap { get; set; } = CharsMapFile.Make(("\t", " "), ("\u2581", " "), ("e\u0301", "é"), ("\u0001", ""), ("\uFB01", "fi"),
        ("\u3000", " "));

    public int? ModelType { get; set; } = 1;

    /// <summary>Settings of the normalizer and the trainer by field number.</summary>
    public Dictionary<int, bool> NormalizerSettings { get; } = [];

    public Dictionary<int, bool> TrainerSettings { get; } = [];

    public static T5Tokenizer Tokenizer(Action<SpieceFile>? change = null) => T5Tokenizer.Parse(Bytes(change));

    public static byte[] Bytes(Action<SpieceFile>? change = null)
    {
        var file = new SpieceFile();
        change?.Invoke(file);
        return file.ToBytes();
    }

    /// <summary>Adds the 256 byte pieces after the others, as mT5 has them.</summary>
    public void AddBytePieces()
    {
        TrainerSettings[35] = true;
        Pieces.AddRange(Enumerable.Range(0, 256).Select(b => ($"<0x{b:X2}>", 0f, PieceKind.Byte)));
    }

    private byte[] ToBytes() => Message(model =>
    {
        foreach (var (text, score, kind) in Pieces)
        {
            WriteMessage(model, 1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                piece.WriteTag(3, WireFormat.WireType.Varint);
                piece.WriteEnum((int)kind);
            });
        }

        WriteMessage(model, 2, trainer =>
        {
            if (ModelType is { } type)
            {
                trainer.WriteTag(3, WireFormat.WireType.Varint);
                trainer.WriteEnum(type);
            }

            WriteSettings(trainer, TrainerSettings);
        });
        WriteMessage(model, 3, normalizer =>
        {
            normalizer.WriteTag(1, WireFormat.WireType.LengthDelimited);
            normalizer.WriteString("test");
            normalizer.WriteTag(2, WireFormat.WireType.LengthDelimited);
            normalizer.WriteBytes(ByteString.CopyFrom(CharsMap));
            WriteSettings(normalizer, NormalizerSettings);
        });
    });

    private static void WriteSettings(CodedOutputStream output, Dictionary<int, bool> settings)
    {
        foreach (var (field, value) in settings)
        {
            output.WriteTag(field, WireFormat.WireType.Varint);
            output.WriteBool(value);
        }
    }

    private static void WriteMessage(CodedOutputStream output, int field, Action<CodedOutputStream> write)
    {
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(Message(write)));
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
            write(output);
        return stream.ToArray();
    }
}

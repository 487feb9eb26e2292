using System.Text;
using System.Text.Unicode;
using Google.Protobuf;
using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// Reads a <c>spiece.model</c>: a protocol buffer <c>sentencepiece.ModelProto</c>
/// (https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto). Only the fields that T5 needs are read; settings for
/// which T5's rules would not hold are refused. <see cref="VocabularyCheck"/> checks the vocabulary as a whole.
/// </summary>
internal sealed class SentencePieceReader : IDisposable
{
    // The longest piece is the constant of linear time; SentencePiece itself trains pieces of at most 16 characters.
    private const int LongestPieceBytes = 1024;
    private const int UnigramModel = 1;

    private readonly string _path;
    private readonly CodedInputStream _input;
    private readonly List<SentencePiece> _pieces = [];
    private byte[] _charsMap = [];
    private bool _hasByteFallback;

    private SentencePieceReader(string path, byte[] file)
    {
        _path = path;
        _input = new CodedInputStream(file);
    }

    /// <summary>Reads and checks a model.</summary>
    /// <param name="path">Name of the file, for messages.</param>
    /// <param name="file">Its bytes.</param>
    /// <exception cref="TokenizerException">The bytes are not a model that T5 can use.</exception>
    public static SentencePieceModel Read(string path, byte[] file)
    {
        using var reader = new SentencePieceReader(path, file);
        try
        {
            reader.ReadModel(file.Length);
        }
        catch (InvalidProtocolBufferException e)
        {
            var place = $"near byte {reader._input.Position} of {file.Length}";
            throw TokenizerException.DamagedModel(path, $"it is not a protocol buffer or is cut off ({place}: {e.Message}).", e);
        }

        VocabularyCheck.Run(path, reader._pieces, reader._hasByteFallback);
        return new SentencePieceModel(reader._pieces, CharsMapReader.Read(path, reader._charsMap));
    }

    /// <summary>Creates a piece from its fields in a file.</summary>
    /// <exception cref="TokenizerException">The piece has no text, too long a text, or invalid UTF-8.</exception>
    public static SentencePiece Piece(string path, int id, ReadOnlyMemory<byte> utf8, float score, PieceKind kind)
    {
        if (utf8.Length == 0)
            throw TokenizerException.DamagedModel(path, $"piece {id} has no text.");
        if (utf8.Length > LongestPieceBytes)
            throw TokenizerException.DamagedModel(path, $"piece {id} has {utf8.Length} bytes; at most {LongestPieceBytes} are supported.");
        if (!Utf8.IsValid(utf8.Span))
            throw TokenizerException.DamagedModel(path, $"piece {id} is not valid UTF-8.");
        return new SentencePiece(Encoding.UTF8.GetString(utf8.Span), utf8, score, kind);
    }

    public void Dispose() => _input.Dispose();

    private void ReadModel(long end)
    {
        while (NextField(end) is var tag and not 0)
        {
            switch (tag)
            {
                case (1 << 3) | 2:
                    ReadPiece(EndOfMessage(end));
                    break;
                case (2 << 3) | 2:
                    ReadTrainerSpec(EndOfMessage(end));
                    break;
                case (3 << 3) | 2:
                    ReadNormalizerSpec(EndOfMessage(end));
                    break;
                default:
                    _input.SkipLastField();
                    break;
            }
        }
    }

    private void ReadPiece(long end)
    {
        var id = _pieces.Count;
        var utf8 = ByteString.Empty;
        var score = 0f;
        var kind = PieceKind.Normal;
        while (NextField(end) is var tag and not 0)
        {
            switch (tag)
            {
                case (1 << 3) | 2:
                    utf8 = _input.ReadBytes();
                    break;
                case (2 << 3) | 5:
                    score = _input.ReadFloat();
                    break;
                case 3 << 3:
                    kind = (PieceKind)_input.ReadEnum();
                    break;
                default:
                    _input.SkipLastField();
                    break;
            }
        }

        _pieces.Add(Piece(_path, id, utf8.Memory, score, kind));
    }

    private void ReadTrainerSpec(long end)
    {
        while (NextField(end) is var tag and not 0)
        {
            switch (tag)
            {
                case 3 << 3:
                    var type = _input.ReadEnum();
                    if (type != UnigramModel)
                        throw TokenizerException.UnsupportedModel(_path, $"its model type is {NameOfModelType(type)}, expected unigram (1).");
                    break;
                case 24 << 3:
                    Require(!_input.ReadBool(), "treat_whitespace_as_suffix is true, expected false.");
                    break;
                case 35 << 3:
                    _hasByteFallback = _input.ReadBool();
                    break;
                default:
                    _input.SkipLastField();
                    break;
            }
        }
    }

    private void ReadNormalizerSpec(long end)
    {
        while (NextField(end) is var tag and not 0)
        {
            switch (tag)
            {
                case (2 << 3) | 2:
                    _charsMap = _input.ReadBytes().ToByteArray();
                    break;
                case 3 << 3:
                    Require(_input.ReadBool(), "add_dummy_prefix is false, expected true.");
                    break;
                case 4 << 3:
                    Require(_input.ReadBool(), "remove_extra_whitespaces is false, expected true.");
                    break;
                case 5 << 3:
                    Require(_input.ReadBool(), "escape_whitespaces is false, expected true.");
                    break;
                default:
                    _input.SkipLastField();
                    break;
            }
        }
    }

    /// <summary>The tag of the next field of the message that ends at <paramref name="end"/>; 0 at its end.</summary>
    private uint NextField(long end)
    {
        if (_input.Position == end)
            return 0;
        if (_input.Position > end)
            throw TokenizerException.DamagedModel(_path, $"a field runs over the end of its message at byte {end}.");
        return _input.ReadTag();
    }

    private long EndOfMessage(long outerEnd)
    {
        var length = _input.ReadLength();
        var end = _input.Position + length;
        if (length < 0 || end > outerEnd)
            throw TokenizerException.DamagedModel(_path, $"it is cut off: {length} bytes should follow byte {_input.Position} of {outerEnd}.");
        return end;
    }

    private void Require(bool condition, string problem)
    {
        if (!condition)
            throw TokenizerException.UnsupportedModel(_path, problem);
    }

    private static string NameOfModelType(int type) => type switch
    {
        2 => "BPE (2)",
        3 => "word (3)",
        4 => "character (4)",
        _ => $"{type}",
    };
}

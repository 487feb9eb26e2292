using System.Buffers.Binary;
using System.Text;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// A vocabulary piece that never occurs in text, as an entry of a <c>spiece.model</c>. Entries are a repeated protobuf field, so more of them
/// may be appended to the file.
/// </summary>
internal static class UnusedPiece
{
    private const byte PiecesField = (1 << 3) | 2; // ModelProto.pieces
    private const byte TextField = (1 << 3) | 2, ScoreField = (2 << 3) | 5, KindField = 3 << 3;
    private const byte UnusedKind = 5;

    /// <summary>The bytes of the entry.</summary>
    /// <param name="number">A number that makes the piece unique.</param>
    internal static byte[] Bytes(int number)
    {
        var text = Encoding.UTF8.GetBytes($"<unused {number}>");
        Span<byte> score = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(score, 0);
        byte[] piece = [TextField, (byte)text.Length, .. text, ScoreField, .. score, KindField, UnusedKind];
        return [PiecesField, (byte)piece.Length, .. piece];
    }
}

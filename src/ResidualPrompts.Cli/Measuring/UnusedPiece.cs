using System.Buffers.Binary;
using System.Text;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// A piece that no text is cut into, as an entry of a <c>spiece.model</c>. Entries are a repeated field of a protocol buffer, so that more of
/// them may simply be appended to the file.
/// </summary>
internal static class UnusedPiece
{
    private const byte PiecesField = (1 << 3) | 2; // ModelProto.pieces
    private const byte TextField = (1 << 3) | 2, ScoreField = (2 << 3) | 5, KindField = 3 << 3;
    private const byte UnusedKind = 5;

    /// <summary>The entry.</summary>
    /// <param name="number">Tells it from the others.</param>
    internal static byte[] Bytes(int number)
    {
        var text = Encoding.UTF8.GetBytes($"<unused {number}>");
        Span<byte> score = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(score, 0);
        byte[] piece = [TextField, (byte)text.Length, .. text, ScoreField, .. score, KindField, UnusedKind];
        return [PiecesField, (byte)piece.Length, .. piece];
    }
}

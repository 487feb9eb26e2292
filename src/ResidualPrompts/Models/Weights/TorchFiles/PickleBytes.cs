using System.Buffers.Binary;
using System.Text;
using static ResidualPrompts.Models.Weights.ErrorText;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>Reads the operands of a pickle's operations, never beyond the pickle's end.</summary>
internal sealed class PickleBytes(string path, byte[] bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Index of the next byte.</summary>
    public int Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public int UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>The only big-endian operand.</summary>
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>A little-endian two's complement integer; its first byte gives the number of bytes.</summary>
    public long Long()
    {
        var count = Byte();
        if (count > 8)
        {
            throw Invalid("an integer of at most 8 bytes", $"one of {count}");
        }

        var value = 0L;
        var digits = Take(count);
        for (var index = 0; index < count; index++)
        {
            value |= (long)digits[index] << (8 * index);
        }

        var unused = 64 - (8 * count);
        return count == 0 ? 0 : value << unused >> unused;
    }

    /// <summary>UTF-8 text after its length in four bytes.</summary>
    public string Text()
    {
        var length = UInt32();
        return Decode(length <= int.MaxValue ? Take((int)length) : throw Invalid("a text within the file", $"one of {length} bytes"));
    }

    /// <summary>UTF-8 text up to a line feed.</summary>
    public string Line()
    {
        var length = bytes.AsSpan(Position).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Invalid("a line", "the end");
        }

        var line = Decode(Take(length));
        Position++;
        return line;
    }

    /// <summary>Creates an exception for the bytes before <see cref="Position"/>.</summary>
    public CheckpointException Invalid(string expected, string found) =>
        CheckpointException.InvalidTorchFile(path, $"the pickle before its byte {Position}", expected, found);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - Position)
        {
            throw Invalid($"{count} more bytes", $"{bytes.Length - Position}");
        }

        Position += count;
        return bytes.AsSpan(Position - count, count);
    }

    private string Decode(ReadOnlySpan<byte> text)
    {
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException exception)
        {
            throw Invalid("UTF-8", Quote(exception.Message));
        }
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The header of a <c>.npy</c> file: the magic bytes, a version, the length of a text, and the text, a Python dictionary of exactly <c>descr</c>,
/// <c>fortran_order</c> and <c>shape</c>. Source: numpy.lib.format, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
/// </summary>
internal sealed record NpyHeader(ScalarType ElementType, long[] Shape, long DataBegin)
{
    /// <summary>The first six bytes of every file.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Maximum length of the text. NumPy itself refuses longer ones (max_header_size), because parsing them may hang.</summary>
    private const int LargestText = 10_000;

    /// <summary>Reads and checks the header, and checks that the data has the size that it describes.</summary>
    /// <exception cref="NpyException">The header is invalid, or the array is of an unsupported kind.</exception>
    public static NpyHeader Read(string path, StoredBytes file)
    {
        var prefix = file.Copy(0, (int)Math.Min(12, file.Length));
        if (prefix.Length < 12 || !prefix.AsSpan().StartsWith(Magic))
        {
            throw NpyException.InvalidFile(path, 0, "the start", "\\x93NUMPY, a version and a header", $"{prefix.Length} other bytes");
        }

        var (major, minor) = (prefix[6], prefix[7]);
        if (major is < 1 or > 3 || minor != 0)
        {
            throw NpyException.InvalidFile(path, 6, "the version", "1.0, 2.0 or 3.0", $"{major}.{minor}");
        }

        var textBegin = major == 1 ? 10 : 12;
        var length = major == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(8))
            : BinaryPrimitives.ReadUInt32LittleEndian(prefix.AsSpan(8));
        var largest = Math.Min(LargestText, file.Length - textBegin);
        if (length > largest)
        {
            throw NpyException.InvalidFile(path, 8, "the length of the header", $"at most {largest} (the file has {file.Length} bytes)", $"{length}");
        }

        // Version 3.0 allows UTF-8 in field names, which are not supported anyway: Latin-1 reads all three versions.
        var text = Encoding.Latin1.GetString(file.Copy(textBegin, (int)length));
        var dictionary = new NpyDictionaryParser(path, text, textBegin).Parse();
        var header = Interpret(path, dictionary, textBegin + length);
        var dataLength = file.Length - header.DataBegin;
        var expected = TensorBytes.Count(header.ElementType, header.Shape);
        return dataLength == expected
            ? header
            : throw NpyException.InvalidFile(
                path,
                header.DataBegin,
                "the data",
                $"{expected?.ToString(CultureInfo.InvariantCulture) ?? "more than 2^63"} bytes for the shape {ErrorText.Shape(header.Shape)}",
                $"{dataLength}");
    }

    private static NpyHeader Interpret(string path, NpyDictionary dictionary, long dataBegin)
    {
        const string Expected = "little-endian float32, float64 or float16 ('<f4', '<f8', '<f2')";
        var elementType = dictionary.ElementDescription switch
        {
            "<f4" => ScalarType.Float32,
            "<f8" => ScalarType.Float64,
            "<f2" => ScalarType.Float16,
            [.., 'O'] => throw NpyException.Unsupported(
                path, "the element type", Expected, "Python objects, which are stored as pickles and never read",
                "Save it with array.astype('<f4')."),
            ['>', ..] => throw NpyException.Unsupported(
                path, "the byte order", Expected, $"big-endian {ErrorText.Quote(dictionary.ElementDescription)}",
                "Save it with array.astype('<f4')."),
            var other => throw NpyException.Unsupported(
                path, "the element type", Expected, ErrorText.Quote(other), "Save it with array.astype('<f4')."),
        };
        return dictionary.IsFortranOrder
            ? throw NpyException.Unsupported(
                path, "the order", "rows one after the other (C order)", "columns (Fortran order)", "Save numpy.ascontiguousarray(array).")
            : new NpyHeader(elementType, dictionary.Shape, dataBegin);
    }
}

using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

/// <summary>Whatever the bytes are: an <see cref="NpyException"/>, or exactly what the file says.</summary>
public sealed partial class NpyFuzzTests : IDisposable
{
    private const int Iterations = 3_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Random_bytes_behind_a_valid_start_never_crash_the_reader()
    {
        var bytes = Gen.Select(Gen.Byte.Array[0, 100], Gen.Byte[0, 4], Gen.Bool, (bytes, version, magic) =>
            magic ? [.. RawNpy.Bytes("", [])[..6], version, 0, .. bytes] : bytes);

        bytes.Sample(value => { ReadsRightOrRefuses(value); }, iter: Iterations, threads: 1);
    }

    [Fact]
    public void Mutated_files_are_refused_or_read_right()
    {
        var valid = RawNpy.Bytes("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }      \n", new byte[24]);
        var readCount = 0;
        var mutations = Gen.Select(Gen.Int[0, 2], Gen.Int[0, valid.Length - 1], Gen.OneOf(Gen.Byte, Gen.Byte[32, 126])).Array[1, 3];

        mutations.Sample(
            steps =>
            {
                var bytes = steps.Aggregate(valid, (current, step) => Mutate(current, step.Item1, step.Item2, step.Item3));
                readCount += ReadsRightOrRefuses(bytes) ? 1 : 0;
            },
            iter: Iterations,
            threads: 1);

        readCount.Should().BeInRange(Iterations / 50, Iterations * 19 / 20);
    }

    [Fact]
    public void Headers_of_random_words_are_refused_or_read_right()
    {
        var readCount = 0;
        var size = Gen.Frequency((20, Gen.Int[0, 3].Select(value => $"{value}")), (1, Gen.OneOf(
            "-1", "1.0", "01", "2L", "4294967296", "9223372036854775807", "9223372036854775808", "'1'", "()", "None", "")));
        var shape = Gen.Select(size.Array[0, 3], Gen.OneOf(",", ", ", ",", " "), Gen.OneOf(",", ",", ""), (sizes, between, last) =>
            $"({string.Join(between, sizes)}{(sizes.Length > 0 ? last : "")})");
        var type = Gen.OneOf("'<f4'", "'<f4'", "\"<f8\"", "'<f2'", "'>f4'", "'|O'", "'<i4'", "[('a', '<f4')]", "'<f4");
        var order = Gen.OneOf("False", "False", "False", "True", "false", "0");

        Gen.Select(type, order, shape, Gen.Int[0, 5], Gen.Int[0, 60]).Sample(
            (typeText, orderText, shapeText, layout, extra) =>
            {
                string[] fields = [$"'descr': {typeText}", $"'fortran_order': {orderText}", $"'shape': {shapeText}"];
                var header = layout switch
                {
                    0 => $"{{{fields[2]},{fields[0]},{fields[1]}}}",
                    1 => $"{{{fields[0]}, {fields[1]}}}",
                    2 => $"{{{fields[0]}, {fields[1]}, {fields[2]}, {fields[extra % 3]}}}",
                    _ => $"{{{string.Join(", ", fields)}, }}  \n",
                };
                var sizes = Digits().Matches(shapeText).Select(match => match.Value.Length == 1 ? int.Parse(match.Value) : 0);
                var elementSize = typeText.Contains("f8", StringComparison.Ordinal) ? 8 : typeText.Contains("f2", StringComparison.Ordinal) ? 2 : 4;
                var length = sizes.Aggregate(elementSize, (product, value) => product * value) + (extra == 0 ? 1 : 0);
                readCount += ReadsRightOrRefuses(RawNpy.Bytes(header, new byte[length])) ? 1 : 0;
            },
            iter: Iterations,
            threads: 1);

        readCount.Should().BeInRange(Iterations / 50, Iterations * 19 / 20);
    }

    private static byte[] Mutate(byte[] bytes, int kind, int position, byte value)
    {
        position = Math.Min(position, bytes.Length - 1);
        return kind switch
        {
            0 => [.. bytes[..position], value, .. bytes[(position + 1)..]],
            1 => [.. bytes[..position], value, .. bytes[position..]],
            _ => [.. bytes[..position], .. bytes[(position + 1)..]],
        };
    }

    /// <summary>Whether the file was read; then its shape, type and data were compared with another, lenient reading of it.</summary>
    private bool ReadsRightOrRefuses(byte[] bytes)
    {
        var path = _folder.File("fuzzed.npy");
        File.WriteAllBytes(path, bytes);
        using var scope = NewDisposeScope();
        Tensor read;
        try
        {
            read = NpyFile.Read(path, floatingType: null);
        }
        catch (NpyException exception)
        {
            exception.Message.Should().Contain(path);
            return false;
        }

        var (begin, length) = bytes[6] == 1 ? (10, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)))
            : (12, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)));
        var header = Encoding.Latin1.GetString(bytes, begin, length);
        header.Should().Contain("descr").And.Contain("fortran_order").And.Contain("False").And.NotContain("True");
        var shape = Tuple().Match(header).Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        read.shape.Should().Equal(shape.Select(long.Parse));
        header.Should().Contain(read.dtype switch { ScalarType.Float32 => "<f4", ScalarType.Float64 => "<f8", _ => "<f2" });
        read.bytes.ToArray().Should().Equal(bytes[(begin + length)..]);
        return true;
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\(([^)]*)\)")]
    private static partial Regex Tuple();
}

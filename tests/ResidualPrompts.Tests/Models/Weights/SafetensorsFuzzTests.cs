using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using CsCheck;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

/// <summary>Whatever the bytes are: a <see cref="CheckpointException"/>, or exactly what the file says.</summary>
public sealed class SafetensorsFuzzTests : IDisposable
{
    private const int Iterations = 3_000;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Random_bytes_never_crash_the_reader()
    {
        // A plausible length in front of half of them, so that the rest is taken for JSON.
        var bytes = Gen.Select(Gen.Byte.Array[0, 200], Gen.Bool, (bytes, plausible) =>
            plausible && bytes.Length > 8 ? [.. BitConverter.GetBytes((long)bytes.Length - 8), .. bytes] : bytes);

        bytes.Sample(value => { ReadsRightOrRefuses(value); }, iter: Iterations, threads: 1);
    }

    [Fact]
    public void Mutated_files_are_refused_or_read_right()
    {
        var valid = ValidFile();
        var readCount = 0;
        var mutations = Gen.Select(Gen.Int[0, 4], Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Int[1, 40]).Array[1, 3];

        mutations.Sample(
            steps =>
            {
                var bytes = steps.Aggregate(valid, (current, step) => Mutate(current, step.Item1, step.Item2, step.Item3, step.Item4));
                readCount += ReadsRightOrRefuses(bytes) ? 1 : 0;
            },
            iter: Iterations,
            threads: 1);

        // Changes in the data and in names leave a valid file: both outcomes must have been seen.
        readCount.Should().BeInRange(Iterations / 20, Iterations * 19 / 20);
    }

    [Fact]
    public void Headers_of_random_fields_are_refused_or_read_right()
    {
        var readCount = 0;
        var type = Gen.OneOf("\"F32\"", "\"F32\"", "\"BF16\"", "\"BOOL\"", "\"U8\"", "\"F8\"", "7", "null");
        var number = Gen.Frequency((20, Gen.Int[0, 3].Select(value => $"{value}")), (1, Gen.OneOf(
            "-1", "-0", "1.0", "1e3", "01", "4294967296", "9223372036854775807", "9223372036854775808", "18446744073709551616", "\"1\"", "[]", "null",
                "true")));
        var shape = number.Array[0, 3].Select(sizes => $"[{string.Join(',', sizes)}]");
        var key = Gen.OneOf("a", "b", "c", "d", "__metadata__", "\\u0061", "\\ud800", "\\n");
        var offsets = Gen.Frequency((10, Gen.Const("fits")), (1, number.Array[0, 3].Select(values => $"[{string.Join(',', values)}]")));
        var entries = Gen.Select(key, type, shape, offsets).Array[0, 4];

        Gen.Select(entries, Gen.Int[-1, 30]).Sample(
            (fields, extra) =>
            {
                var (json, length) = Header(fields);
                readCount += ReadsRightOrRefuses(RawSafetensors.Bytes(json, new byte[Math.Max(0, length + (extra > 1 ? 0 : extra))])) ? 1 : 0;
            },
            iter: Iterations,
            threads: 1);

        readCount.Should().BeInRange(Iterations / 20, Iterations * 19 / 20);
    }

    /// <summary>A header of the fields, whose "fits" offsets follow one another, and the bytes of data that it needs.</summary>
    private static (string Json, int Length) Header((string Key, string Type, string Shape, string Offsets)[] fields)
    {
        var end = 0;
        var entries = fields.Select(field =>
        {
            var begin = end;
            var sizes = field.Shape.Trim('[', ']').Split(',', StringSplitOptions.RemoveEmptyEntries);
            var count = sizes.Aggregate(1, (product, size) => int.TryParse(size, out var value) && value is >= 0 and < 4 ? product * value : 0);
            end += count * (field.Type switch { "\"F32\"" => 4, "\"BF16\"" => 2, _ => 1 });
            var offsets = field.Offsets == "fits" ? $"[{begin},{end}]" : field.Offsets;
            return $"\"{field.Key}\":{{\"dtype\":{field.Type},\"shape\":{field.Shape},\"data_offsets\":{offsets}}}";
        });
        return ($"{{{string.Join(',', entries)}}}", end);
    }

    private static byte[] Mutate(byte[] bytes, int kind, int position, byte value, int count)
    {
        position = Math.Min(position, Math.Max(0, bytes.Length - 1));
        count = Math.Min(count, bytes.Length - position);
        return kind switch
        {
            0 => [.. bytes[..position], value, .. bytes[Math.Min(position + 1, bytes.Length)..]],
            1 => [.. bytes[..position], value, .. bytes[position..]],
            2 => [.. bytes[..position], .. bytes[(position + count)..]],
            3 => [.. bytes[..position], .. bytes[position..(position + count)], .. bytes[position..]],
            _ => [.. bytes[..position], .. Encoding.ASCII.GetBytes($"{(value % 8) - 1}"), .. bytes[Math.Min(position + 1, bytes.Length)..]],
        };
    }

    private byte[] ValidFile()
    {
        using var scope = NewDisposeScope();
        var path = _folder.File("valid.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor>
        {
            ["weight"] = arange(12, dtype: ScalarType.Float32).reshape(3, 4),
            ["half"] = ones(5, dtype: ScalarType.BFloat16),
            ["scalar"] = tensor(5L),
            ["empty"] = zeros(0, 3),
            ["mask"] = ones(300, dtype: ScalarType.Bool),
        });
        return File.ReadAllBytes(path);
    }

    /// <summary>Whether the file was read; then it was compared with another, lenient reading of its header.</summary>
    private bool ReadsRightOrRefuses(byte[] bytes)
    {
        var path = _folder.File("fuzzed.safetensors");
        File.WriteAllBytes(path, bytes);
        using var scope = NewDisposeScope();
        SafetensorsFile file;
        try
        {
            file = SafetensorsFile.Open(path);
        }
        catch (CheckpointException exception)
        {
            exception.Message.Should().Contain(path);
            return false;
        }

        using (file)
        {
            var headerSize = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
            using var header = JsonDocument.Parse(bytes.AsMemory(8, headerSize));
            var described = header.RootElement.EnumerateObject().Where(property => property.Name != "__metadata__").ToList();
            described.Select(property => property.Name).Should().BeEquivalentTo(file.Entries.Keys);
            foreach (var property in described)
            {
                var offsets = property.Value.GetProperty("data_offsets");
                var data = bytes.AsSpan(8 + headerSize)[offsets[0].GetInt32()..offsets[1].GetInt32()];
                var tensor = file.Read(property.Name, floatingType: null);
                tensor.shape.Should().Equal(property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
                tensor.bytes.ToArray().Should().Equal(
                    tensor.dtype == ScalarType.Bool ? [.. data.ToArray().Select(value => value == 0 ? (byte)0 : (byte)1)] : data.ToArray());
            }
        }

        return true;
    }
}

using System.Runtime.InteropServices;
using System.Text;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class SafetensorsRoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string File => _folder.File("model.safetensors");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<ScalarType, long[]> TypesAndShapes()
    {
        var data = new TheoryData<ScalarType, long[]>();
        ScalarType[] types =
        [
            ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16,
            ScalarType.Int64, ScalarType.Int32, ScalarType.Byte, ScalarType.Bool,
        ];
        long[][] shapes = [[], [0], [2, 0, 3], [5], [3, 4], [2, 1, 3, 2]];
        foreach (var type in types)
        {
            foreach (var shape in shapes)
            {
                data.Add(type, shape);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(TypesAndShapes))]
    public void Every_type_and_shape_comes_back_bit_for_bit(ScalarType type, long[] shape)
    {
        var tensor = arange(shape.Aggregate(1L, (product, size) => product * size)).sub(1).reshape(shape).to_type(type);

        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = tensor });

        using var file = SafetensorsFile.Open(File);
        var read = file.Read("a", floatingType: null);
        read.dtype.Should().Be(type);
        read.shape.Should().Equal(shape);
        read.bytes.ToArray().Should().Equal(tensor.bytes.ToArray());
        file.Entries["a"].Shape.Should().Equal(shape);
        file.Entries["a"].ElementType.Should().Be(type);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Other_floating_types_are_read_as_float32_unless_asked_otherwise(ScalarType type)
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = tensor(new[] { -1.5f, 0.25f, 96f }).to_type(type) });

        using var file = SafetensorsFile.Open(File);

        file.Read("a").dtype.Should().Be(ScalarType.Float32);
        file.Read("a").data<float>().ToArray().Should().Equal(-1.5f, 0.25f, 96f);
        file.Read("a", ScalarType.Float64).data<double>().ToArray().Should().Equal(-1.5, 0.25, 96);
        file.Read("a", floatingType: null).dtype.Should().Be(type);
    }

    [Fact]
    public void Integers_stay_as_they_are_when_floats_are_asked_for()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = tensor(new[] { long.MaxValue, long.MinValue }) });

        using var file = SafetensorsFile.Open(File);

        file.Read("a", ScalarType.Float64).data<long>().ToArray().Should().Equal(long.MaxValue, long.MinValue);
    }

    [Fact]
    public void The_type_to_convert_to_must_be_a_floating_one()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = ones(2) });
        using var file = SafetensorsFile.Open(File);

        var read = () => file.Read("a", ScalarType.Int64);

        read.Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Infinities_zeros_and_the_bits_of_a_nan_survive()
    {
        float[] values = [float.NaN, BitConverter.Int32BitsToSingle(0x7fc12345), float.PositiveInfinity, -0f, float.Epsilon];
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = tensor(values) });

        using var file = SafetensorsFile.Open(File);

        file.Read("a").bytes.ToArray().Should().Equal(MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    [Fact]
    public void Transposed_sliced_and_expanded_tensors_are_written_row_by_row()
    {
        var matrix = arange(12, dtype: ScalarType.Float32).reshape(3, 4);
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor>
        {
            ["transposed"] = matrix.t(),
            ["column"] = matrix.select(1, 2),
            ["rows"] = matrix.narrow(0, 1, 2),
            ["expanded"] = matrix.narrow(0, 2, 1).expand(2, 4),
        });

        using var file = SafetensorsFile.Open(File);

        file.Read("transposed").data<float>().ToArray().Should().Equal(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11);
        file.Read("column").data<float>().ToArray().Should().Equal(2, 6, 10);
        file.Read("rows").data<float>().ToArray().Should().Equal(4, 5, 6, 7, 8, 9, 10, 11);
        file.Read("expanded").data<float>().ToArray().Should().Equal(8, 9, 10, 11, 8, 9, 10, 11);
    }

    [Fact]
    public void A_trained_tensor_is_written_and_read_without_gradient()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = ones(2, requires_grad: true) * 3 });

        using var file = SafetensorsFile.Open(File);

        file.Read("a").requires_grad.Should().BeFalse();
        file.Read("a").data<float>().ToArray().Should().Equal(3, 3);
    }

    [Fact]
    public void Metadata_is_kept_and_always_names_the_format()
    {
        var tensors = new Dictionary<string, Tensor> { ["a"] = ones(1) };
        SafetensorsWriter.Write(File, tensors);
        using (var plain = SafetensorsFile.Open(File))
        {
            plain.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "pt" });
        }

        SafetensorsWriter.Write(File, tensors, new Dictionary<string, string> { ["näme \"x\"\n"] = "välue 😀", ["format"] = "pt" });
        using var file = SafetensorsFile.Open(File);
        file.Metadata.Should().BeEquivalentTo(new Dictionary<string, string> { ["format"] = "pt", ["näme \"x\"\n"] = "välue 😀" });
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes_in_whatever_order_they_come()
    {
        Dictionary<string, Tensor> tensors = new()
        {
            ["b"] = ones(3),
            ["a"] = zeros(2),
            ["c"] = ones(1, dtype: ScalarType.Byte),
            ["d"] = ones(1, dtype: ScalarType.Int64),
        };
        SafetensorsWriter.Write(File, tensors);
        SafetensorsWriter.Write(_folder.File("reversed"), tensors.Reverse().ToDictionary());

        System.IO.File.ReadAllBytes(_folder.File("reversed")).Should().Equal(System.IO.File.ReadAllBytes(File));
    }

    [Fact]
    public void Data_and_every_tensor_in_it_are_aligned()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor>
        {
            ["a"] = ones(3, dtype: ScalarType.Byte),
            ["b"] = ones(3, dtype: ScalarType.BFloat16),
            ["c"] = ones(3),
            ["d"] = ones(3, dtype: ScalarType.Int64),
        });

        var header = BitConverter.ToInt64(System.IO.File.ReadAllBytes(File));
        (header % 8).Should().Be(0);
        using var file = SafetensorsFile.Open(File);
        file.Entries.Values.Should().OnlyContain(entry => entry.Begin % entry.ElementType.ElementSize() == 0);
    }

    [Fact]
    public void The_layout_of_the_file_is_the_documented_one()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["b"] = tensor(new[] { 1f }), ["a"] = tensor(new byte[] { 7, 8 }) });

        const string Json =
            """{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[2],"data_offsets":["""
                + """4,6]}}""";
        byte[] expected = [.. BitConverter.GetBytes(144L), .. Encoding.UTF8.GetBytes(Json.PadRight(144)), 0, 0, 0x80, 0x3f, 7, 8];
        System.IO.File.ReadAllBytes(File).Should().Equal(expected);
    }

    [Fact]
    public void No_tensors_at_all_make_a_valid_file()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor>());

        using var file = SafetensorsFile.Open(File);

        file.Entries.Should().BeEmpty();
    }

    [Fact]
    public void A_failure_in_the_middle_leaves_the_old_file_and_no_temporary_one()
    {
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = ones(2) });

        // Tensors on the meta device have a shape but no elements: they fail when they are written, behind a good one.
        var write = () => SafetensorsWriter.Write(File, new Dictionary<string, Tensor> { ["a"] = zeros(100_000), ["b"] = zeros(2, device: META) });

        write.Should().Throw<Exception>();
        _folder.FileNames().Should().Equal("model.safetensors");
        using var file = SafetensorsFile.Open(File);
        file.Read("a").data<float>().ToArray().Should().Equal(1, 1);
    }

    [Fact]
    public void What_cannot_be_stored_is_refused_before_anything_is_written()
    {
        Refused(new() { ["a"] = ones(2, dtype: ScalarType.ComplexFloat32) }).Should().Contain("'a'").And.Contain("ComplexFloat32");
        Refused(new() { ["__metadata__"] = ones(2) }).Should().Contain("'__metadata__'");
        Refused(new() { ["a\ud800"] = ones(2) }).Should().Contain("surrogate");
        _folder.FileNames().Should().BeEmpty();

        string Refused(Dictionary<string, Tensor> tensors)
        {
            var write = () => SafetensorsWriter.Write(File, tensors);
            return write.Should().Throw<CheckpointException>().Which.Message;
        }
    }

    [Fact]
    public void A_folder_that_is_missing_or_in_the_way_is_named()
    {
        var missing = () => SafetensorsWriter.Write(_folder.File("none/x.safetensors"), new Dictionary<string, Tensor>());
        var inTheWay = () => SafetensorsWriter.Write(_folder.Path, new Dictionary<string, Tensor>());

        missing.Should().Throw<CheckpointException>().WithMessage("Cannot write*none*");
        inTheWay.Should().Throw<CheckpointException>().WithMessage("Cannot write*folder*");
    }
}

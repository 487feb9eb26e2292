using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class NpyFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string File => _folder.File("prompt.npy");

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData]
    [InlineData(0L)]
    [InlineData(5L)]
    [InlineData(0L, 7L)]
    [InlineData(3L, 4L)]
    [InlineData(2L, 1L, 3L)]
    public void Every_shape_comes_back_bit_for_bit(params long[] shape)
    {
        var written = arange(shape.Aggregate(1L, (product, size) => product * size), dtype: ScalarType.Float32).div(3).reshape(shape);

        NpyFile.Write(File, written);

        var read = NpyFile.Read(File);
        read.dtype.Should().Be(ScalarType.Float32);
        read.shape.Should().Equal(shape);
        read.bytes.ToArray().Should().Equal(written.bytes.ToArray());
        (new FileInfo(File).Length - written.bytes.Length).Should().Be(128);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Other_floating_types_are_written_as_float32(ScalarType type)
    {
        NpyFile.Write(File, tensor(new[] { -1.5f, 0.25f }).to_type(type));

        NpyFile.Read(File, floatingType: null).data<float>().ToArray().Should().Equal(-1.5f, 0.25f);
    }

    [Fact]
    public void Transposed_tensors_that_require_a_gradient_are_written_row_by_row()
    {
        NpyFile.Write(File, arange(6, dtype: ScalarType.Float32).reshape(2, 3).requires_grad_(true).t());

        var read = NpyFile.Read(File);
        read.shape.Should().Equal(3, 2);
        read.data<float>().ToArray().Should().Equal(0, 3, 1, 4, 2, 5);
        read.requires_grad.Should().BeFalse();
    }

    [Fact]
    public void A_read_tensor_is_independent_of_the_file()
    {
        NpyFile.Write(File, ones(3));
        var read = NpyFile.Read(File);

        System.IO.File.WriteAllBytes(File, []);

        read.data<float>().ToArray().Should().Equal(1, 1, 1);
    }

    [Fact]
    public void Integers_are_not_written()
    {
        var write = () => NpyFile.Write(File, ones(2, dtype: ScalarType.Int64));

        write.Should().Throw<NpyException>().WithMessage("*expected a tensor of floating-point numbers, found Int64*");
        _folder.FileNames().Should().BeEmpty();
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        var write = () => NpyFile.Write(_folder.File("none/a.npy"), ones(2));

        write.Should().Throw<NpyException>().WithMessage("Cannot write*none*");
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }")]
    [InlineData("{'descr':'<f4','fortran_order':False,'shape':(2,)}")]
    [InlineData(" { \"shape\" : ( 2 , ) ,\t\"descr\" : \"<f4\" , \"fortran_order\" : False } \n")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)}")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2,)}")]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': ()}")]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2)}")]
    public void Every_spelling_of_a_valid_header_is_read(string header)
    {
        WriteRaw(header, new byte[8]);

        NpyFile.Read(File).dtype.Should().Be(ScalarType.Float32);
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}", "numpy.ascontiguousarray")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}", "big-endian '>f4'")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}", "pickles and never read")]
    [InlineData("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", "found '<i8'")]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (1,)}", "found ''")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", "a string in quotes, found '['")]
    [InlineData("{'descr': '<f\\x34', 'fortran_order': False, 'shape': (2,)}", "a string without escapes")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "True or False, found '0'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2)}", "expected ',', found ')'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': [2]}", "expected '(', found '['")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (,)}", "an integer")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}", "expected ',', found '2'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,,2)}", "an integer")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", "an integer from 0 to 2^63 - 1, found '-'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}", "expected ',', found '.'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2L,)}", "expected ',', found 'L'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (02,)}", "an integer from 0 to 2^63 - 1, found 02")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775808,)}", "an integer from 0 to 2^63 - 1")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "more than 2^63 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296)}", "more than 2^63 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "12 bytes for the shape [3], found 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "4 bytes for the shape [1], found 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "without one of them")]
    [InlineData("{}", "without one of them")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "each once, found 'descr'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}", "each once, found 'x'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} 1", "nothing behind the dictionary")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)", "expected '}'")]
    [InlineData("{,'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "a string in quotes, found ','")]
    [InlineData("{'descr", "a string in quotes")]
    [InlineData("", "expected '{', found the end of the header")]
    public void A_wrong_header_is_refused_with_what_was_expected_and_found(string header, string message)
    {
        WriteRaw(header, new byte[8]);

        Refused().Should().Contain(message).And.Contain(File).And.Contain("expected").And.Contain("found");
    }

    [Fact]
    public void More_than_64_dimensions_are_refused()
    {
        WriteRaw($"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(',', Enumerable.Repeat(1, 65))})}}", new byte[4]);

        Refused().Should().Contain("at most 64 dimensions");
    }

    [Theory]
    [InlineData(new byte[0], "the file is empty")]
    [InlineData(new byte[] { 1, 2, 3 }, "the start")]
    [InlineData(new byte[] { 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59 }, "the start")]
    [InlineData(new byte[] { 0x94, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0, 0, 0 }, "the start")]
    [InlineData(new byte[] { 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 4, 0, 0, 0, 0, 0 }, "the version at byte 6: expected 1.0, 2.0 or 3.0, found 4.0")]
    [InlineData(new byte[] { 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 1, 0, 0, 0, 0 }, "found 1.1")]
    [InlineData(new byte[] { 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 3, 0, 0, 0 }, "at most 2 (the file has 12 bytes), found 3")]
    [InlineData(new byte[] { 0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0xff, 0xff, 0xff, 0xff },
        "at most 0 (the file has 12 bytes), found 4294967295")]
    public void Bytes_that_are_no_npy_file_are_refused(byte[] bytes, string message)
    {
        System.IO.File.WriteAllBytes(File, bytes);

        Refused().Should().Contain(message);
    }

    [Fact]
    public void A_header_longer_than_NumPy_takes_is_refused()
    {
        WriteRaw("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}".PadRight(10_001), new byte[8]);

        Refused().Should().Contain("at most 10000");
    }

    [Fact]
    public void A_folder_and_a_missing_file_are_refused()
    {
        var folderRead = () => NpyFile.Read(_folder.Path);
        var missingRead = () => NpyFile.Read(File);

        folderRead.Should().Throw<NpyException>().WithMessage("*it is a folder*");
        missingRead.Should().Throw<NpyException>().WithMessage("*there is no such file*");
    }

    private void WriteRaw(string header, byte[] data) => System.IO.File.WriteAllBytes(File, RawNpy.Bytes(header, data));

    private string Refused()
    {
        var read = () => NpyFile.Read(File);
        return read.Should().Throw<NpyException>().Which.Message;
    }
}

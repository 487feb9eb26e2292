using System.Runtime.InteropServices;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Models.Weights.TorchFiles;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights.TorchFiles;

/// <summary>Files that PyTorch itself wrote; Files/make_torch_files.py has the values.</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    public static string Genuine(string name) => Path.Combine(AppContext.BaseDirectory, "TestData", "torch", name);

    [Fact]
    public void Views_of_one_storage_come_back_as_what_they_show()
    {
        using var file = TorchFile.Open(Genuine("kinds.bin"));
        var all = Enumerable.Range(0, 24).Select(value => (float)value).ToArray();

        Expect(file, "whole", [4, 6], all);
        Expect(file, "transposed", [6, 4], [.. Enumerable.Range(0, 24).Select(index => all[((index % 4) * 6) + (index / 4)])]);
        Expect(file, "slice", [2, 3], [6, 8, 10, 12, 14, 16]);
        Expect(file, "tail", [4], [20, 21, 22, 23]);
        Expect(file, "scalar", [], [2.5f]);
        Expect(file, "empty", [0, 7], []);
        Expect(file, "expanded", [3, 2], [1, 2, 1, 2, 1, 2]);
        Expect(file, "parameter", [1, 2], [1.5f, -2]);
        file.Entries.Should().HaveCount(15);
        file.Root.Should().BeNull();
    }

    [Theory]
    [InlineData("float64", ScalarType.Float64)]
    [InlineData("float16", ScalarType.Float16)]
    [InlineData("bfloat16", ScalarType.BFloat16)]
    [InlineData("int64", ScalarType.Int64)]
    [InlineData("int32", ScalarType.Int32)]
    [InlineData("uint8", ScalarType.Byte)]
    [InlineData("bool", ScalarType.Bool)]
    public void Every_element_type_that_is_known_comes_back(string key, ScalarType type)
    {
        using var file = TorchFile.Open(Genuine("kinds.bin"));

        var tensor = Read(file, key);

        tensor.dtype.Should().Be(type);
        tensor.to_type(ScalarType.Float64).data<double>().ToArray().Should().Equal(type == ScalarType.Bool ? [0, 1, 1, 1, 1] : [0, 1, 2, 3, 100]);
    }

    [Fact]
    public void A_state_dict_with_attributes_keeps_its_order_and_its_tied_weights()
    {
        using var file = TorchFile.Open(Genuine("state_dict.bin"));

        file.Entries.Select(entry => entry.Key).Should().Equal("shared.weight", "lin.weight", "norm.weight", "norm.bias");
        file.Entries[0].Value.IsSameView(file.Entries[1].Value).Should().BeTrue();
        file.Entries[2].Value.IsSameView(file.Entries[3].Value).Should().BeFalse();
        Expect(file, "norm.weight", [3], [1, 1, 1]);
    }

    [Theory]
    [InlineData("encoder.pt", new float[] { 0, 0.25f, 0.5f, 0.75f, 1, 1.25f })]
    [InlineData("parameter.pt", new float[] { 1, 1, 1, 1 })]
    public void One_tensor_may_be_the_whole_content(string name, float[] values)
    {
        using var file = TorchFile.Open(Genuine(name));

        file.Entries.Should().BeEmpty();
        file.Read(file.Root!).data<float>().ToArray().Should().Equal(values);
    }

    [Fact]
    public void Tensors_outlive_the_file_object_and_may_be_written_to()
    {
        var path = _folder.File("encoder.pt");
        File.Copy(Genuine("encoder.pt"), path);
        Tensor tensor;
        using (var file = TorchFile.Open(path))
        {
            tensor = file.Read(file.Root!);
        }

        using (no_grad())
        {
            tensor.add_(1);
        }

        tensor.data<float>().ToArray().Should().Equal(1, 1.25f, 1.5f, 1.75f, 2, 2.25f);
        File.ReadAllBytes(path).Should().Equal(File.ReadAllBytes(Genuine("encoder.pt")));
    }

    [Theory]
    [InlineData("legacy.pt", "*before PyTorch 1.6*zip format*save it again*")]
    [InlineData("module.pt", "*refers to 'torch.nn.modules.module.Module'*save the state dict alone*")]
    [InlineData("int16.pt", "*refers to 'torch.ShortStorage'*")]
    [InlineData("nested.pt", "*the value of 'state_dict': expected a tensor, found a dict*")]
    [InlineData("list.pt", "*the content: expected a tensor or a dict of tensors, found something else*")]
    public void Other_contents_are_refused_by_name(string name, string message)
    {
        var open = () => TorchFile.Open(Genuine(name));

        open.Should().Throw<CheckpointException>().WithMessage(message).And.Message.Should().Contain(Genuine(name));
    }

    [Fact]
    public void A_file_of_PyTorch_2_with_its_further_entries_is_read()
    {
        new RawTorchFile { Folder = "pytorch_model" }.Tensor("FloatStorage", "0", 2, 0, [2], [1])
            .Entry("pytorch_model/.format_version", "1"u8.ToArray()).Entry("pytorch_model/.storage_alignment", "64"u8.ToArray())
            .Entry("pytorch_model/byteorder", "little"u8.ToArray()).Entry("pytorch_model/version", "3\n"u8.ToArray())
            .Data("0", [.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(-2f)])
            .Write(_folder.File("a.pt"));

        using var file = TorchFile.Open(_folder.File("a.pt"));

        file.Read(file.Root!).data<float>().ToArray().Should().Equal(1, -2);
    }

    private static Tensor Read(TorchFile file, string key) => file.Read(file.Entries.Single(entry => entry.Key == key).Value);

    private static void Expect(TorchFile file, string key, long[] shape, float[] values)
    {
        var tensor = Read(file, key);
        tensor.shape.Should().Equal(shape);
        tensor.is_contiguous().Should().BeTrue();
        MemoryMarshal.Cast<byte, float>(tensor.bytes).ToArray().Should().Equal(values);
    }
}

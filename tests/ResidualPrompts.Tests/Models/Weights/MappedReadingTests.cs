using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class MappedReadingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("mapped.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Writing_to_a_read_tensor_changes_neither_the_file_nor_another_reader()
    {
        Write(3);
        var before = System.IO.File.ReadAllBytes(File);
        using var file = SafetensorsFile.Map(File);
        using var other = SafetensorsFile.Map(File);
        using var tensor = file.Read("a");

        tensor.fill_(7);

        tensor.data<float>().ToArray().Should().OnlyContain(value => value == 7);
        using var otherTensor = other.Read("a");
        otherTensor.data<float>().ToArray().Should().OnlyContain(value => value == 3);
        System.IO.File.ReadAllBytes(File).Should().Equal(before);
    }

    [Fact]
    public void Reading_twice_gives_the_same_memory_for_it_is_no_copy()
    {
        Write(3);
        using var file = SafetensorsFile.Map(File);
        using var first = file.Read("a");
        using var second = file.Read("a");

        first.fill_(7);

        second.data<float>().ToArray().Should().OnlyContain(value => value == 7);
    }

    [Fact]
    public void A_converted_tensor_is_a_copy()
    {
        Write(3, ScalarType.BFloat16);
        using var file = SafetensorsFile.Map(File);
        using var first = file.Read("a");
        using var second = file.Read("a");

        first.fill_(7);

        second.data<float>().ToArray().Should().OnlyContain(value => value == 3);
    }

    [Fact]
    public void Tensors_outlive_the_file_object_and_the_last_of_them_unmaps_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/self/maps");
        Write(3);
        var file = SafetensorsFile.Map(File);
        var first = file.Read("a");
        var second = file.Read("b");
        MappingCount().Should().Be(1);

        file.Dispose();
        first.Dispose();
        MappingCount().Should().Be(1);
        second.data<float>().ToArray().Should().OnlyContain(value => value == 3);
        second.Dispose();

        MappingCount().Should().Be(0);
    }

    [Fact]
    public void A_file_that_is_refused_is_unmapped()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc/self/maps");
        System.IO.File.WriteAllBytes(File, new byte[100]);

        var open = () => SafetensorsFile.Map(File);

        open.Should().Throw<CheckpointException>();
        MappingCount().Should().Be(0);
    }

    [Fact]
    public void A_dispose_scope_that_ends_takes_its_tensors_and_leaves_the_file_open()
    {
        Write(3);
        SafetensorsFile file;
        Tensor read;
        using (NewDisposeScope())
        {
            file = SafetensorsFile.Map(File);
            read = file.Read("a");
        }

        using var again = file.Read("a");
        again.data<float>().ToArray().Should().OnlyContain(value => value == 3);
        read.IsInvalid.Should().BeTrue();
        file.Dispose();
    }

    [Fact]
    public void Reading_leaves_no_tensor_behind_but_the_result()
    {
        Write(3, ScalarType.BFloat16);
        using var file = SafetensorsFile.Map(File);
        using var scope = NewDisposeScope();

        var read = file.Read("a");
        file.Read("b", floatingType: null);

        scope.DisposablesCount.Should().Be(2);
        read.dtype.Should().Be(ScalarType.Float32);
    }

    [Fact]
    public void A_disposed_file_says_so()
    {
        Write(3);
        var file = SafetensorsFile.Map(File);
        file.Dispose();
        file.Dispose();

        var read = () => file.Read("a");

        read.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void The_old_content_stays_under_a_tensor_when_the_file_is_written_again()
    {
        Write(3);
        using var file = SafetensorsFile.Map(File);
        using var tensor = file.Read("a");

        Write(5);

        tensor.data<float>().ToArray().Should().OnlyContain(value => value == 3);
        using var newFile = SafetensorsFile.Map(File);
        using var newTensor = newFile.Read("a");
        newTensor.data<float>().ToArray().Should().OnlyContain(value => value == 5);
    }

    [Fact]
    public void Read_tensors_are_leaves_that_train_independently_of_each_other()
    {
        Write(3);
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Map(File);
        var trained = file.Read("a").requires_grad_(true);
        var frozen = file.Read("b");

        var loss = (trained * frozen).pow(2).sum();

        // Were they views of one tensor, this would make backward fail or frozen require a gradient.
        using (no_grad())
        {
            file.Read("a").numel().Should().Be(6);
        }

        loss.backward();
        trained.is_leaf.Should().BeTrue();
        frozen.requires_grad.Should().BeFalse();
        trained.grad!.data<float>().ToArray().Should().OnlyContain(value => value == 54);
    }

    [Fact]
    public void An_unaligned_tensor_is_read_right_as_a_copy()
    {
        // One byte in front, so that the floats begin at an odd place.
        byte[] data = [9, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];
        var json = """{"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""";
        RawSafetensors.Write(File, json, data);
        using var file = SafetensorsFile.Map(File);
        using var first = file.Read("f");
        using var second = file.Read("f");

        first.data<float>().ToArray().Should().Equal(1.5f, -2f);
        first.fill_(7);
        second.data<float>().ToArray().Should().Equal(1.5f, -2f);
    }

    [Fact]
    public void Booleans_other_than_zero_and_one_are_true()
    {
        RawSafetensors.Write(File, """{"b":{"dtype":"BOOL","shape":[4],"data_offsets":[0,4]}}""", [0, 1, 2, 255]);
        using var file = SafetensorsFile.Map(File);
        using var read = file.Read("b");

        read.bytes.ToArray().Should().Equal(0, 1, 1, 1);
    }

    private void Write(float value, ScalarType type = ScalarType.Float32)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(File, new Dictionary<string, Tensor>
        {
            ["a"] = full(2, 3, value, dtype: type),
            ["b"] = full(2, 3, value, dtype: type),
        });
    }

    private int MappingCount() => System.IO.File.ReadLines("/proc/self/maps").Count(line => line.Contains(_folder.Path, StringComparison.Ordinal));
}

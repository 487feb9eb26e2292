using System.Text.Json;
using ResidualPrompts.Files;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights.TorchFiles;

/// <summary>pytorch_model.bin as the weights of a model.</summary>
public sealed class TorchCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    static TorchCheckpointTests() =>
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Directory.CreateTempSubdirectory("residual-prompts-test-cache-").FullName);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Tied_weights_are_there_under_each_name_and_converted_once()
    {
        Copy("state_dict.bin", Checkpoint.TorchFileName);
        var before = Converted();
        using (var first = Checkpoint.Open(_folder.Path))
        {
            first.Entries.Keys.Should().BeEquivalentTo("shared.weight", "lin.weight", "norm.weight", "norm.bias");
            first.Entries.Should().OnlyContain(pair => pair.Key == pair.Value.Key);
            first.Read("lin.weight").bytes.ToArray().Should().Equal(first.Read("shared.weight").bytes.ToArray());
            first.HaveEqualContents("lin.weight", "shared.weight").Should().BeTrue();
            first.HaveEqualContents("norm.weight", "norm.bias").Should().BeFalse();
        }

        var made = Converted().Except(before).Single();
        using (var file = SafetensorsFile.Open(made))
        {
            file.Entries.Should().HaveCount(3);
            file.Metadata.Should().Contain("lin.weight", "shared.weight").And.Contain("format", "pt");
        }

        var time = File.GetLastWriteTimeUtc(made);
        using var second = Checkpoint.Open(_folder.File(Checkpoint.TorchFileName));
        second.Read("norm.weight").data<float>().ToArray().Should().Equal(1, 1, 1);
        File.GetLastWriteTimeUtc(made).Should().Be(time);
        _folder.FileNames().Should().Equal(Checkpoint.TorchFileName);
    }

    [Fact]
    public void A_damaged_conversion_is_made_again()
    {
        Copy("state_dict.bin", Checkpoint.TorchFileName);
        var before = Converted();
        Checkpoint.Open(_folder.Path).Dispose();
        var made = Converted().Except(before).Single();
        File.WriteAllBytes(made, File.ReadAllBytes(made)[..^5]);

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Read("norm.bias").data<float>().ToArray().Should().Equal(0, 0, 0);
    }

    [Theory]
    [InlineData("a bit")]
    [InlineData("exchanged")]
    [InlineData("the sums of an earlier version")]
    public void A_conversion_with_other_content_is_not_believed(string what)
    {
        Copy("state_dict.bin", Checkpoint.TorchFileName);
        var before = Converted();
        Checkpoint.Open(_folder.Path).Dispose();
        var made = Converted().Except(before).Single();
        var whole = File.ReadAllBytes(made);
        var bytes = whole.ToArray();
        switch (what)
        {
            case "a bit":
                bytes[^1] ^= 1;
                break;
            case "exchanged":
                var rows = bytes.AsSpan(bytes.Length - 24); // norm.bias and norm.weight, three numbers each
                byte[] first = [.. rows[..12]];
                rows[12..].CopyTo(rows);
                first.CopyTo(rows[12..]);
                break;
            default:
                bytes.AsSpan(bytes.AsSpan().IndexOf("prompts sums"u8), 12).Fill((byte)'x');
                break;
        }

        File.WriteAllBytes(made, bytes);
        using var checkpoint = Checkpoint.Open(_folder.Path);
        checkpoint.Read("norm.bias").data<float>().ToArray().Should().Equal(0, 0, 0);
        checkpoint.Read("norm.weight").data<float>().ToArray().Should().Equal(1, 1, 1);
        File.ReadAllBytes(made).Should().Equal(whole);
    }

    [Fact]
    public void Another_file_of_the_same_name_is_converted_anew()
    {
        Copy("state_dict.bin", Checkpoint.TorchFileName);
        Checkpoint.Open(_folder.Path).Dispose();
        Copy("kinds.bin", Checkpoint.TorchFileName);

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Entries.Keys.Should().Contain("transposed").And.HaveCount(15);
        checkpoint.Read("slice").data<float>().ToArray().Should().Equal(6, 8, 10, 12, 14, 16);
    }

    [Fact]
    public void Shards_of_PyTorch_are_read_as_one()
    {
        const string First = "pytorch_model-00001-of-00002.bin";
        const string Second = "pytorch_model-00002-of-00002.bin";
        Copy("state_dict.bin", First);
        new RawTorchFile().Code('}').Text("more").Tensor("FloatStorage", "0", 1, 0, [1], [1]).Code('s').Data("0", BitConverter.GetBytes(4f))
            .Write(_folder.File(Second));
        var map = new Dictionary<string, string>
        {
            ["shared.weight"] = First,
            ["lin.weight"] = First,
            ["norm.weight"] = First,
            ["norm.bias"] = First,
            ["more"] = Second
        };
        File.WriteAllText(_folder.File(Checkpoint.TorchIndexFileName), JsonSerializer.Serialize(new { weight_map = map }));

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Entries.Keys.Should().BeEquivalentTo(map.Keys);
        checkpoint.Read("more").item<float>().Should().Be(4);
    }

    [Fact]
    public void Safetensors_go_before_PyTorchs_file()
    {
        Copy("module.pt", Checkpoint.TorchFileName);
        SafetensorsWriter.Write(_folder.File(Checkpoint.FileName), new Dictionary<string, Tensor> { ["a"] = ones(1) });

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Entries.Keys.Should().Equal("a");
    }

    [Fact]
    public void One_tensor_is_no_checkpoint()
    {
        Copy("encoder.pt", Checkpoint.TorchFileName);

        var open = () => Checkpoint.Open(_folder.Path);

        open.Should().Throw<CheckpointException>().WithMessage("*the content: expected a dict of a model's tensors, found one tensor*");
    }

    [Fact]
    public void Overlapping_tensors_beyond_measure_are_not_unfolded()
    {
        var raw = new RawTorchFile().Code('}');
        for (var i = 0; i < 200; i++)
        {
            raw.Text($"t{i}").Tensor("ByteStorage", "0", 1 << 16, i, [(1 << 16) - i], [1]).Code('s');
        }

        raw.Data("0", new byte[1 << 16]).Write(_folder.File(Checkpoint.TorchFileName));

        var open = () => Checkpoint.Open(_folder.Path);

        open.Should().Throw<CheckpointException>().WithMessage("*because they overlap*");
    }

    /// <summary>A copy with a time of its own, so that no earlier test has converted it.</summary>
    private void Copy(string name, string target)
    {
        File.Copy(TorchFileTests.Genuine(name), _folder.File(target), overwrite: true);
        File.SetLastWriteTimeUtc(_folder.File(target), DateTime.UtcNow);
    }

    private static string[] Converted()
    {
        var folder = Path.Combine(UserCache.Folder, "converted");
        return Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
    }
}

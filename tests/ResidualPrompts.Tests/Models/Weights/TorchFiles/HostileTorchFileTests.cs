using System.IO.Compression;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Models.Weights.TorchFiles;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights.TorchFiles;

/// <summary>Files that nobody's torch.save wrote, or that did not arrive whole.</summary>
public sealed class HostileTorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("hostile.bin");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch._utils", "_rebuild_qtensor")]
    [InlineData("collections", "Counter")]
    [InlineData("torch.storage", "_load_from_bytes")]
    public void A_foreign_global_is_refused_by_name(string module, string name) =>
        ExpectRefusal(new RawTorchFile().Global(module, name).Code('(').Text("echo owned").Code('t')
            .Code('R'), $"*refers to '{module}.{name}', which tensors do not need and which may run code*");

    [Fact]
    public void A_known_global_is_called_with_its_own_arguments_only()
    {
        ExpectRefusal(new RawTorchFile().Global("torch", "FloatStorage").Code(')').Code('R'), "*the arguments of torch.FloatStorage*");
        ExpectRefusal(new RawTorchFile().Global("torch._utils", "_rebuild_tensor_v2").Code(')')
            .Code('R'), "*the arguments of torch._utils._rebuild_tensor_v2*");
        ExpectRefusal(new RawTorchFile().Text("name").Code(')').Code('R'), "*a call of a global with a tuple*");
        ExpectRefusal(new RawTorchFile().Text("0").Code('Q'), "*a persistent id of a storage*");
    }

    [Theory]
    [InlineData(0x81)] // NEWOBJ
    [InlineData(0x93)] // STACK_GLOBAL
    [InlineData((byte)'i')] // INST
    [InlineData((byte)'o')] // OBJ
    [InlineData((byte)'P')] // PERSID
    [InlineData(0x82)] // EXT1
    [InlineData(0x00)]
    public void Other_operations_are_refused(byte operation) =>
        ExpectRefusal(new RawTorchFile().Code('}').Code(')')
            .Code(operation), $"*an operation that tensors need, found the operation 0x{operation:x2}*");

    [Fact]
    public void Another_protocol_is_refused() => ExpectRefusal(new RawTorchFile().Code(0x80, 4).Code('}'), "*pickle protocol 2*found 4*");

    [Theory]
    [InlineData(4, 0, new long[] { 5 }, new long[] { 1 })]
    [InlineData(4, 1, new long[] { 4 }, new long[] { 1 })]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { 3, 1 })]
    [InlineData(4, 0, new long[] { long.MaxValue, long.MaxValue }, new long[] { 0, 0 })]
    [InlineData(4, 0, new long[] { 1L << 40 }, new long[] { 0 })]
    [InlineData(4, 0, new long[] { 2, 2 }, new long[] { long.MaxValue, long.MaxValue })]
    [InlineData(4, 0, new long[] { 2 }, new long[] { 1, 1 })]
    [InlineData(4, 0, new long[] { -1 }, new long[] { 1 })]
    [InlineData(4, 0, new long[] { 2 }, new long[] { -1 })]
    [InlineData(4, -1, new long[] { 1 }, new long[] { 1 })]
    [InlineData(5, 0, new long[] { 1 }, new long[] { 1 })]
    [InlineData(1L << 60, 0, new long[] { 1 }, new long[] { 1 })]
    [InlineData(-1, 0, new long[] { 0 }, new long[] { 1 })]
    public void A_tensor_that_its_storage_does_not_hold_is_refused(long count, long offset, long[] shape, long[] strides) =>
        ExpectRefusal(new RawTorchFile().Tensor("FloatStorage", "0", count, offset, shape, strides).Data("0", new byte[16]), "*expected*found*");

    [Fact]
    public void A_storage_leads_to_an_entry_of_the_archive_and_nowhere_else()
    {
        foreach (var key in new[] { "1", "../data.pkl", "/etc/passwd", "..", "" })
        {
            ExpectRefusal(new RawTorchFile().Tensor("ByteStorage", key, 1, 0, [1], [1])
                .Data("0", 1), $"*expected the entry 'archive/data/{key}', which the pickle names, found none*");
        }
    }

    [Fact]
    public void Names_in_the_archive_that_lead_out_of_it_are_of_no_effect()
    {
        new RawTorchFile().Tensor("ByteStorage", "../../up", 1, 0, [1], [1]).Data("../../up", 7).Write(Target);

        using var file = TorchFile.Open(Target);
        using var tensor = file.Read(file.Root!);

        tensor.item<byte>().Should().Be(7);
        _folder.FileNames().Should().Equal("hostile.bin");
    }

    [Fact]
    public void A_zip_bomb_is_refused_without_unfolding_it()
    {
        new RawTorchFile().Tensor("ByteStorage", "0", 1 << 28, 0, [1 << 28], [1])
            .Entry("archive/data/0", new byte[1 << 28], CompressionLevel.SmallestSize).Write(Target);
        new FileInfo(Target).Length.Should().BeLessThan(1_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        ExpectRefusal("*the entry 'archive/data/0'*compressed ones*");

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(10_000_000);
    }

    [Fact]
    public void Text_and_numbers_of_absurd_length_are_refused()
    {
        ExpectRefusal(new RawTorchFile().Code((byte)'X', 255, 255, 255, 127), "*expected 2147483647 more bytes*");
        ExpectRefusal(new RawTorchFile().Code((byte)'X', 255, 255, 255, 255), "*a text within the file*");
        ExpectRefusal(new RawTorchFile().Code(0x8a, 200), "*an integer of at most 8 bytes*");
        ExpectRefusal(new RawTorchFile().Code((byte)'h', 9), "*was memorized*");
        ExpectRefusal(new RawTorchFile().Code((byte)'X', 1, 0, 0, 0, 0xff), "*UTF-8*");
        ExpectRefusal(new RawTorchFile().Code('t'), "*a mark*");
        ExpectRefusal(new RawTorchFile(), "*1 values on the stack, found 0*");
    }

    [Fact]
    public void A_state_dict_has_names_each_once()
    {
        ExpectRefusal(new RawTorchFile().Code('}').Number(1).Tensor("ByteStorage", "0", 1, 0, [1], [1]).Code('s')
            .Data("0", 1), "*names, each once, found another key*");
        ExpectRefusal(
            new RawTorchFile().Code('}').Text("a").Tensor("ByteStorage", "0", 1, 0, [1], [1]).Code('s').Text("a")
                .Tensor("ByteStorage", "0", 1, 0, [1], [1]).Code('s').Data("0", 1),
            "*found 'a' twice*");
    }

    [Fact]
    public void Big_endian_files_and_archives_of_other_things_are_refused()
    {
        ExpectRefusal(new RawTorchFile().Tensor("ByteStorage", "0", 1, 0, [1], [1]).Data("0", 1)
            .Entry("archive/byteorder", "big"u8.ToArray()), "*the byte order*little*'big'*");
        ExpectRefusal(new RawTorchFile { Folder = "a/b" }.Code('}'), "*one FOLDER/data.pkl*0 of them*");
        ExpectRefusal(new RawTorchFile().Code('}').Entry("other/data.pkl", []), "*one FOLDER/data.pkl*2 of them*");
        File.WriteAllBytes(Target, "not a zip at all"u8);
        ExpectRefusal("*the start: expected a zip archive*");
    }

    [Theory]
    [InlineData("kinds.bin")]
    [InlineData("state_dict.bin")]
    public void A_truncated_file_is_refused_wherever_it_ends(string name)
    {
        var whole = File.ReadAllBytes(TorchFileTests.Genuine(name));
        for (var length = 1; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(Target, whole[..length]);
            ExpectRefusal("*expected*found*");
        }
    }

    [Fact]
    public void Any_changed_byte_gives_a_refusal_or_tensors_and_never_a_crash()
    {
        var whole = File.ReadAllBytes(TorchFileTests.Genuine("kinds.bin"));
        var (read, refused) = (0, 0);
        for (var position = 0; position < whole.Length; position++)
        {
            foreach (var value in new byte[] { 0, 0xff, (byte)(whole[position] ^ 1) })
            {
                var changed = (byte[])whole.Clone();
                changed[position] = value;
                File.WriteAllBytes(Target, changed);
                using var scope = NewDisposeScope();
                try
                {
                    using var file = TorchFile.Open(Target);
                    foreach (var (_, tensor) in file.Entries)
                    {
                        file.Read(tensor);
                    }

                    read++;
                }
                catch (CheckpointException)
                {
                    refused++;
                }
            }
        }

        read.Should().BeGreaterThan(whole.Length / 2);
        refused.Should().BeGreaterThan(whole.Length / 10);
    }

    private void ExpectRefusal(RawTorchFile file, string message)
    {
        file.Write(Target);
        ExpectRefusal(message);
    }

    private void ExpectRefusal(string message)
    {
        var open = () => TorchFile.Open(Target);
        open.Should().Throw<CheckpointException>().WithMessage(message).And.Message.Should().StartWith($"'{Target}'");
    }
}

using System.IO.Compression;
using System.Text;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

public sealed class PackedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.jsonl.gz", "{\"text\":\"a\"}\n{\"text\":\"b\"}")]
    [InlineData("rows.csv.gz", "text\na\nb\n")]
    [InlineData("rows.tsv.GZ", "text\r\na\r\nb\r\n")]
    public void Every_kind_of_file_may_be_packed(string name, string content)
    {
        ExampleFile.CanRead(name).Should().BeTrue();
        ExampleFile.ReadAll(Write(name, Packed(content))).Select(row => row.Text("text")).Should().Equal("a", "b");
    }

    [Fact]
    public void The_content_decides_whether_a_file_is_packed()
    {
        ExampleFile.ReadAll(Write("rows.csv.gz", "text\na\n"u8.ToArray())).Should().ContainSingle();
        ExampleFile.ReadAll(Write("rows.csv", Packed("text\na\n"))).Should().ContainSingle();
    }

    [Fact]
    public void Files_packed_one_after_another_are_one_file() =>
        ExampleFile.ReadAll(Write("rows.csv.gz", [.. Packed("text\na\n"), .. Packed("b\n")])).Select(row => row.Text("text"))
            .Should().Equal("a", "b");

    [Fact]
    public void A_file_that_is_cut_short_anywhere_is_an_error()
    {
        var whole = Packed("text\n" + string.Concat(Enumerable.Range(0, 50).Select(i => $"row {i * i * 7919}\n")));
        for (var length = 3; length < whole.Length; length++)
        {
            var path = Write("rows.csv.gz", whole[..length]);
            FluentActions.Invoking(() => ExampleFile.Read(path).Count())
                .Should().Throw<DataException>($"only {length} of {whole.Length} bytes are there")
                .WithMessage("*rows.csv.gz cannot be read*damaged or cut short*");
        }
    }

    [Fact]
    public void A_damaged_file_is_an_error()
    {
        var damaged = Packed("text\nalpha\nbeta\n");
        damaged[^6] ^= 1; // in its checksum
        FluentActions.Invoking(() => ExampleFile.ReadAll(Write("rows.csv.gz", damaged))).Should().Throw<DataException>()
            .WithMessage("*damaged or cut short after * unpacked bytes*");
    }

    [Theory]
    [InlineData("rows.csv.gz")]
    [InlineData("rows.parquet.gz")]
    public void A_file_that_unpacks_to_far_too_much_is_refused_before_it_fills_the_memory(string name)
    {
        // 260 MiB of line feeds in a quarter of a megabyte.
        var path = _folder.File(name);
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Optimal))
        {
            var lines = Enumerable.Repeat((byte)'\n', 1 << 20).ToArray();
            for (var i = 0; i < 260; i++)
                packed.Write(lines);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() => ExampleFile.Read(path).Count()).Should().Throw<DataException>()
            .WithMessage($"*{name} cannot be read: its first * bytes unpack to more than *unpack it yourself");
        if (name.Contains("parquet"))
            (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 24);
    }

    private static byte[] Packed(string text)
    {
        using var bytes = new MemoryStream();
        using (var packed = new GZipStream(bytes, CompressionLevel.Optimal))
            packed.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.File(name), content);
        return _folder.File(name);
    }
}

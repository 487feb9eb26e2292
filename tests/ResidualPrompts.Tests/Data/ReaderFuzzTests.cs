using System.IO.Compression;
using System.Text;
using CsCheck;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

/// <summary>Whatever stands in a file, reading it gives rows or an error that names the file.</summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private static readonly Gen<byte[]> Bytes = Gen.Byte.Array[0, 300];
    private static readonly Gen<byte[]> Texts = Gen.String[Gen.Char["ab,;\"'\t \\\r\n{}[]:01é\uFEFF\u2028"], 0, 200].Select(Encoding.UTF8.GetBytes);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.jsonl")]
    [InlineData("rows.csv")]
    [InlineData("rows.tsv")]
    [InlineData("rows.parquet")]
    [InlineData("rows.jsonl.gz")]
    [InlineData("rows.parquet.gz")]
    public void Any_bytes_give_rows_or_an_error(string name) =>
        Gen.OneOf(Bytes, Texts).Sample(bytes => { Read(name, bytes); }, iter: 200, threads: 1);

    [Fact]
    public void Mutated_json_gives_rows_or_an_error()
    {
        var good = Encoding.UTF8.GetBytes("""{"text":"a \"q\" \u00e9 ü","label":-1.5e3,"list":[1,null,{"x":true}],"idx":{"p":0}}""" + "\n"
            + """{"text":"b"}""" + "\n");
        Mutations(good).Sample(bytes => { Read("rows.jsonl", bytes); }, iter: 800, threads: 1);
    }

    [Theory]
    [InlineData("multirc")]
    [InlineData("record")]
    [InlineData("kinds")]
    public void Mutated_parquet_gives_rows_or_an_error(string name)
    {
        var good = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "Parquet", name + ".parquet"));
        Mutations(good).Sample(bytes => { Read("rows.parquet", bytes); }, iter: 250, threads: 1);
    }

    [Fact]
    public void Parquet_that_is_cut_short_is_an_error()
    {
        var good = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "Parquet", "multirc.parquet"));
        for (var length = 0; length < good.Length; length += 7)
            Read("rows.parquet", good[..length]).Should().BeFalse();
    }

    [Fact]
    public void Mutated_gzip_gives_rows_or_an_error()
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(Encoding.UTF8.GetBytes("text\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"row {i * i}\n"))));
        Mutations(packed.ToArray()).Sample(bytes => { Read("rows.csv.gz", bytes); }, iter: 800, threads: 1);
    }

    private static Gen<byte[]> Mutations(byte[] good) => Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte).Array[1, 4].Select(changes =>
    {
        var bytes = (byte[])good.Clone();
        foreach (var (at, value) in changes)
            bytes[at] = value;
        return bytes;
    });

    /// <summary>Whether there were only rows; anything but an error that names the file fails, and so does taking much memory.</summary>
    private bool Read(string name, byte[] bytes)
    {
        var path = _folder.File(name);
        File.WriteAllBytes(path, bytes);
        var before = GC.GetTotalAllocatedBytes();
        try
        {
            foreach (var row in ExampleFile.Read(path))
                _ = row.Fields.Select(row.Has).Count();
            return true;
        }
        catch (DataException e)
        {
            e.Message.Should().Contain(name);
            return false;
        }
        finally
        {
            // The header of a broken Parquet page may claim 2 GiB, which are asked for and never touched.
            (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(name.Contains("parquet") ? 5L << 30 : 1L << 28);
        }
    }
}

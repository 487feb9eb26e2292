using System.Buffers.Binary;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Data.Splits;

using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Parquet;

/// <summary>Files that claim more than they can hold, and columns that cannot be read.</summary>
public sealed class ParquetClaimsTests : IDisposable
{
    private const long MostBytes = 500_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1 << 26)] // a run of nulls takes no room
    [InlineData(20, 1 << 26)]
    [InlineData(20, 1 << 20)]
    [InlineData(2000, 1 << 20)]
    [InlineData(1, int.MaxValue)]
    public void A_tiny_file_that_claims_very_many_values_is_refused_before_memory_is_allocated(int columns, int values)
    {
        var path = Nulls(columns, values, values, pageSize: null);
        new FileInfo(path).Length.Should().BeLessThan(columns == 1 ? 200 : columns * 120);
        var rows = 0L;
        var before = GC.GetAllocatedBytesForCurrentThread();
        FluentActions.Invoking(() =>
        {
            foreach (var _ in ExampleFile.Read(path))
                rows++;
        }).Should().Throw<DataException>().WithMessage($"*{columns * (long)values} values in all columns together, expected at most *");
        rows.Should().Be(0);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(MostBytes / 10);
    }

    [Fact]
    public void Many_row_groups_count_together()
    {
        var path = Nulls(1, 1 << 20, 1 << 20, pageSize: null, groups: 5);
        FluentActions.Invoking(() => ExampleFile.Read(path).First()).Should().Throw<DataException>().WithMessage("*claim 5242880 rows*");
    }

    [Fact]
    public void Rows_of_nulls_within_bounds_are_read_in_little_memory()
    {
        var path = Nulls(4, 1 << 18, 1 << 18, pageSize: null);
        var (rows, most) = (0L, 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var _ in ExampleFile.Read(path))
        {
            if (rows++ % (1 << 14) == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
        }

        rows.Should().Be(1 << 18);
        most.Should().BeLessThan(MostBytes);
    }

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(1 << 28)]
    public void A_page_that_claims_to_unpack_to_very_much_is_refused(int size)
    {
        var path = Nulls(1, 10, 10, pageSize: size);
        FluentActions.Invoking(() => ExampleFile.Read(path).First()).Should().Throw<DataException>()
            .WithMessage($"*row group 0 has 10 rows*need*bytes of memory, expected at most {1 << 27}*");
    }

    [Fact]
    public void A_page_with_more_values_than_its_column_is_refused()
    {
        var path = Nulls(1, 10, 1 << 30, pageSize: null);
        FluentActions.Invoking(() => ExampleFile.Read(path).First()).Should().Throw<DataException>()
            .WithMessage("*column c0: a page claims 1073741824 values of 10*");
    }

    [Theory]
    [InlineData(1, 99)] // a physical type that does not exist
    [InlineData(4, 99)] // a codec that does not exist
    [InlineData(4, 3)] // LZO
    public void A_column_of_an_unknown_type_spoils_nothing_but_itself(short where, int value)
    {
        var path = Nulls(2, 3, 3, pageSize: null, change: (element, chunk) => (where == 1 ? element : chunk).Set32(where, value));
        var rows = ExampleFile.ReadAll(path);
        rows.Select(row => row.ToString()).Should().Equal(Enumerable.Repeat("""{"c0":null}""", 3));
        FluentActions.Invoking(() => rows[1].Has("c1")).Should().Throw<DataException>().WithMessage("*row 2: column 'c1' cannot be read: *");
        FluentActions.Invoking(() => rows[1].Text("c1.part")).Should().Throw<DataException>().WithMessage("*column 'c1.part' cannot be read: *");
        rows[1].Has("c2").Should().BeFalse();
        DataSummary.Of(rows).Fields.ToArray().Should().BeEquivalentTo([KeyValuePair.Create("c0", 0L)]);
    }

    [Fact]
    public void A_file_without_any_column_that_can_be_read_is_an_error()
    {
        var path = Nulls(1, 3, 3, pageSize: null, change: (element, _) => element.Set32(1, 99));
        FluentActions.Invoking(() => ExampleFile.ReadAll(path)).Should().Throw<DataException>()
            .WithMessage("*none of its columns can be read: c0: it has the type 99, which is unknown*");
    }

    [Fact]
    public void Fields_of_newer_versions_of_the_format_are_passed_over()
    {
        // An annotation with fields of its own, as geometries and variants have.
        var path = Nulls(2, 3, 3, pageSize: null, change: (element, _) =>
        {
            var (logical, geometry) = (new ThriftStruct(), new ThriftStruct());
            geometry.SetStructs(1, [Struct(each => each.SetText(1, "crs"))]);
            logical.SetStruct(17, geometry);
            element.SetStruct(10, logical);
        });
        ExampleFile.ReadAll(path).Should().HaveCount(3).And.OnlyContain(row => !row.Has("c1"));
    }

    /// <summary>A file whose columns, c0, c1, …, hold nothing but nulls: a run of a few bytes says how many.</summary>
    private string Nulls(
        int columns, int claimed, int inPage, int? pageSize, int groups = 1, Action<ThriftStruct, ThriftStruct>? change = null)
    {
        using var stream = new MemoryStream();
        stream.Write("PAR1"u8);
        var (elements, chunks) = (new List<ThriftStruct> { Struct(element => element.Set32(5, columns)) }, new List<ThriftStruct>());
        elements[0].SetText(4, "schema");
        var run = new List<byte>();
        for (var count = (ulong)inPage << 1; ; count >>= 7)
        {
            run.Add((byte)(count < 0x80 ? count : count | 0x80));
            if (count < 0x80)
                break;
        }

        byte[] page = [(byte)(run.Count + 1), 0, 0, 0, .. run, 0];
        for (var i = 0; i < columns; i++)
        {
            var offset = stream.Position;
            var data = Struct(each => each.Set32(1, inPage), each => each.Set32(2, 0), each => each.Set32(3, 3), each => each.Set32(4, 3));
            var pageHeader = Struct(each => each.Set32(1, 0), each => each.Set32(2, pageSize ?? page.Length), each => each.Set32(3, page.Length));
            pageHeader.SetStruct(5, data);
            pageHeader.Write(stream);
            stream.Write(page);
            var element = Struct(each => each.Set32(1, 1), each => each.Set32(3, 1), each => each.SetText(4, $"c{i}"));
            var chunk = Struct(each => each.Set32(1, 1), each => each.Set32(4, 0), each => each.Set64(5, claimed), each => each.Set64(6, 1),
                each => each.Set64(7, 1), each => each.Set64(9, offset));
            chunk.SetTexts(2, []);
            chunk.SetTexts(3, $"c{i}");
            if (i == columns - 1)
                change?.Invoke(element, chunk);
            elements.Add(element);
            var column = Struct(each => each.Set64(2, offset));
            column.SetStruct(3, chunk);
            chunks.Add(column);
        }

        var file = Struct(each => each.Set32(1, 1), each => each.Set64(3, claimed * (long)groups));
        file.SetStructs(2, elements);
        file.SetStructs(4, Enumerable.Range(0, groups).Select(_ =>
        {
            var group = Struct(each => each.Set64(2, 1), each => each.Set64(3, claimed));
            group.SetStructs(1, chunks);
            return group;
        }));
        var start = stream.Position;
        file.Write(stream);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)(stream.Position - start));
        stream.Write(length);
        stream.Write("PAR1"u8);
        var path = _folder.File("claims.parquet");
        File.WriteAllBytes(path, stream.ToArray());
        return path;
    }

    private static ThriftStruct Struct(params Action<ThriftStruct>[] sets)
    {
        var made = new ThriftStruct();
        foreach (var set in sets)
            set(made);
        return made;
    }
}

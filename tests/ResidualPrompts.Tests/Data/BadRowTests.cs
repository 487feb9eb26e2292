using System.Text;
using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

/// <summary>Readers tell of a bad row and go on with the next.</summary>
public sealed class BadRowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_that_are_no_objects_are_told_of_with_their_number_and_text()
    {
        var (rows, bad) = Read("rows.jsonl", [.. "{\"a\":1}\n\nbroken\n[2]\n{\"a\":\""u8, 0xE9, .. "\"}\n{\"a\":1,\"a\":2}\n{\"a\":3}"u8]);
        rows.Select(row => (row.Index, row.Line, row.Value("a"))).Should().Equal((0, 1, "1"), (5, 7, "3"));
        bad.Select(row => (row.Index, row.Line, row.Text))
            .Should().Equal((1, 3, "broken"), (2, 4, "[2]"), (3, 5, "{\"a\":\"\uFFFD\"}"), (4, 6, "{\"a\":1,\"a\":2}"));
        bad.Select(row => row.Reason).Should().SatisfyRespectively(
            reason => reason.Should().StartWith("not valid JSON"), reason => reason.Should().Be("expected a JSON object, found an array"),
            reason => reason.Should().StartWith("not valid UTF-8 at byte 7 of the line"), reason => reason.Should().StartWith("not valid JSON"));
    }

    [Fact]
    public void After_a_row_with_a_wrong_quote_or_count_of_cells_no_row_is_lost()
    {
        var (rows, bad) = Read("rows.csv", Encoding.UTF8.GetBytes("a,b\n1,\"x\ny\"\n2,5\" disk\n3,z\n4\n5,\"never closed\n6,z\n\n7,\"z\"\n8,\"open"));
        rows.Select(row => (row.Index, row.Line, row.Value("a"), row.Value("b")))
            .Should().Equal((0, 2, "1", "x\ny"), (2, 5, "3", "z"), (5, 8, "6", "z"), (6, 10, "7", "z"));
        bad.Select(row => (row.Index, row.Line, row.Text))
            .Should().Equal((1, 4, "2,5\" disk"), (3, 6, "4"), (4, 7, "5,\"never closed"), (7, 11, "8,\"open"));
        bad[1].Reason.Should().Be("1 cell, expected 2 as in the header");
    }

    [Fact]
    public void A_line_that_is_not_in_the_encoding_is_one_bad_row_of_a_table()
    {
        var (rows, bad) = Read("rows.csv", [.. "a,b\n1,x\n2,caf"u8, 0xE9, .. "\n3,\"y\n"u8, 0xE9, .. "\"\n4,z\n"u8]);
        rows.Select(row => row.Value("a")).Should().Equal("1", "4");
        bad.Select(row => (row.Line, row.Text)).Should().Equal((3, "2,caf\uFFFD"), (4, "3,\"y"), (5, "\uFFFD\""));
        (rows, bad) = Read("rows.tsv", [.. "a\tb\n1\tx\n2\tcaf"u8, 0xE9, .. "\n3\n4\tz\n"u8]);
        rows.Select(row => (row.Index, row.Value("a"))).Should().Equal((0, "1"), (3, "4"));
        bad.Select(row => (row.Index, row.Line)).Should().Equal((1, 3), (2, 4));
    }

    [Theory]
    [InlineData("rows.csv", "a,a\n1,2\n")]
    [InlineData("rows.tsv", "a\ta\n1\t2\n")]
    [InlineData("rows.parquet", "no parquet")]
    public void What_is_wrong_with_the_file_as_a_whole_stops(string name, string content) =>
        FluentActions.Invoking(() => Read(name, Encoding.UTF8.GetBytes(content))).Should().Throw<DataException>();

    [Fact]
    public async Task A_value_that_is_no_text_leaves_the_other_rows_of_its_group_readable()
    {
        var path = _folder.File("rows.parquet");
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<int?>("n"));
        await using (var stream = File.Create(path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(schema.DataFields[0], ["aa", "bad", null!, "bb"]);
            await group.WriteAsync<int>(schema.DataFields[1], new int?[] { null, 2, 3, 4 }, cancellationToken: TestContext.Current.CancellationToken);
            group.CompleteValidate();
        }

        var content = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        content.AsSpan(content.AsSpan().IndexOf("bad"u8), 1)[0] = 0xE9;
        var (rows, bad) = Read("rows.parquet", content);
        rows.Select(row => (row.Index, row.ToString()))
            .Should().Equal((0, """{"text":"aa","n":null}"""), (2, """{"text":null,"n":3}"""), (3, """{"text":"bb","n":4}"""));
        bad.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Index = 1, Line = 2L, Text = (string?)null });
    }

    [Fact]
    public void Progress_goes_to_the_end_of_the_file()
    {
        var told = new List<double>();
        var path = _folder.Write("rows.jsonl", string.Concat(Enumerable.Repeat("{\"a\":\"a long text\"}\n", 10_000)));
        ExampleFile.Read(path, null, new ReadOptions { OnProgress = told.Add }).Count().Should().Be(10_000);
        told.Should().HaveCountGreaterThan(2).And.BeInAscendingOrder();
        (told[0], told[^1]).Should().Be((told[0], 1.0));
        told[0].Should().BeLessThan(0.9);
    }

    private (List<Example> Rows, List<BadRow> Bad) Read(string name, byte[] content)
    {
        _folder.With(name, content);
        var bad = new List<BadRow>();
        return ([.. ExampleFile.Read(_folder.File(name), null, new ReadOptions { OnBadRow = bad.Add })], bad);
    }
}

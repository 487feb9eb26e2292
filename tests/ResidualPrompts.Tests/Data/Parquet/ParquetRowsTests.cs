using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Parquet;

public sealed class ParquetRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Record_rows_have_lists_and_structs_as_on_the_hub()
    {
        var rows = ExampleFile.ReadAll(Fixture("record"));
        rows.Select(row => row.ToString()).Should().Equal(
            """{"passage":"Anna met Bert in Oslo.\n@highlight\nBert is 40","query":"@placeholder lives in """
            + """Oslo","entities":["Anna","Bert","Oslo"],"entity_spans":{"text":["Anna","Bert","Bert"],"start":[0,9,34],"end":[4,13,"""
            + """38]},"answers":["Bert"],"idx":{"passage":0,"query":0}}""",
            """{"passage":"Cleo stayed home — naïve","query":"Who is @placeholder """
            + """?","entities":["Cleo"],"entity_spans":{"text":["Cleo"],"start":[0],"end":[4]},"answers":["""
            + """null,"Cleo"],"idx":{"passage":0,"query":1}}""",
            """{"passage":"no entities","query":"@placeholder","entities":[],"entity_spans":{"text":[],"start":[],"end":["""
                + """]},"answers":null,"idx":{"passage":1,"query":2}}""");
        rows.Select(row => (row.Index, row.Line, row.Value("idx.query"))).Should().Equal((0, 1, "0"), (1, 2, "1"), (2, 3, "2"));
    }

    [Fact]
    public void Multirc_rows_have_an_idx_of_three_parts() =>
        ExampleFile.ReadAll(Fixture("multirc"))
            .Select(row => (row.Text("answer"), row.Integer("idx.question"), row.Integer("idx.answer"), row.Value("label")))
            .Should().Equal(("rain", 0, 0, "1"), ("", 0, 1, "0"), ("snow", 1, 2, "1"), ("y", 2, 3, "-1"));

    [Fact]
    public void Every_kind_of_value_and_every_way_to_be_null_comes_through()
    {
        ExampleFile.ReadAll(Fixture("kinds")).Select(row => row.ToString()).Should().Equal(
            """{"text":"a","flag":true,"small":-2147483648,"big":9223372036854775807,"score":3.8,"precise":0.1,"nested":[[1,2],[]],"things":["""
            + """{"a":"p","b":[1]}],"maybe":{"x":1,"y":{"z":"1"}}}""",
            """{"text":"b","flag":false,"small":0,"big":null,"score":5,"precise":1E+300,"nested":[],"things":null,"maybe":null}"""
            .Replace("\"b\"", "null", StringComparison.Ordinal),
            """{"text":"ü\b","flag":null,"small":null,"big":-1,"score":null,"precise":-0,"nested":null,"things":[null,{"a":null,"b":[2,"""
            + """3]}],"maybe":{"x":null,"y":null}}""",
            """{"text":"d","flag":true,"small":7,"big":0,"score":"NaN","precise":3,"nested":[[null],[3]],"things":["""
            + """],"maybe":{"x":4,"y":{"z":"4"}}}""",
            """{"text":"e","flag":true,"small":8,"big":1,"score":1E-07,"precise":"Infinity","nested":[null],"things":["""
                + """],"maybe":{"x":5,"y":{"z":"5"}}}""");
    }

    [Fact]
    public async Task Text_that_is_not_utf8_names_its_row_and_column()
    {
        var field = new DataField("text", typeof(ReadOnlyMemory<byte>));
        var path = _folder.File("rows.parquet");
        await WriteTexts(path, field, "good"u8.ToArray(), [(byte)'b', 0xE9]);
        ExampleFile.ReadAll(path)[1].Value("text").Should().Be("Yuk="); // bytes that are not said to be text
        await WriteTexts(path, new DataField<string>("text"), "good"u8.ToArray(), "bXX"u8.ToArray());
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        for (int at; (at = bytes.AsSpan().IndexOf("bXX"u8)) >= 0;) // the smallest and largest text stand in the file, too
            bytes[at + 1] = 0xE9;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        FluentActions.Invoking(() => ExampleFile.ReadAll(path)).Should().Throw<DataException>()
            .WithMessage("*rows.parquet, row 2: *column text*not valid UTF-8");
    }

    [Fact]
    public void A_packed_file_is_the_same_file_and_leaves_nothing_behind()
    {
        var path = _folder.File("rows.parquet.gz");
        using (var packed = new GZipStream(File.Create(path), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(Fixture("multirc")));
        ExampleFile.ReadAll(path).Select(row => row.ToString()).Should().Equal(ExampleFile.ReadAll(Fixture("multirc")).Select(row => row.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("PAR1")]
    [InlineData("PAR1PAR1PAR1")]
    [InlineData("{\"text\":\"JSON under another name\"}\n")]
    public void What_is_no_parquet_file_is_an_error(string content) =>
        FluentActions.Invoking(() => ExampleFile.ReadAll(_folder.Write("rows.parquet", content))).Should().Throw<DataException>()
            .WithMessage("*rows.parquet cannot be read: it is not a valid Parquet file*");

    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Data", "Parquet", name + ".parquet");

    private static async Task WriteTexts(string path, DataField field, params byte[][] texts)
    {
        var schema = new ParquetSchema(field);
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, new ParquetOptions { CompressionMethod = CompressionMethod.None });
        using var group = writer.CreateRowGroup();
        if (field.ClrType == typeof(ReadOnlyMemory<char>))
            await group.WriteAsync(schema.DataFields[0], texts.Select(System.Text.Encoding.UTF8.GetString).ToArray());
        else
            await group.WriteAsync(schema.DataFields[0], texts);
        group.CompleteValidate();
    }
}

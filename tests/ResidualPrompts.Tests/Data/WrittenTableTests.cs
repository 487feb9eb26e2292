using System.Text;
using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

/// <summary>Tables that are written are read again as they were.</summary>
public sealed class WrittenTableTests : IDisposable
{
    private static readonly string[] Columns = ["text", "n"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("plain", true)]
    [InlineData("a comma, \"quotes\"\nand a line", true)]
    [InlineData(" blanks ", true)]
    [InlineData("", true)]
    [InlineData("quotes \" and, comma", false)]
    public void A_text_is_read_as_it_was_written(string text, bool isCsv)
    {
        var table = new TableWriter(Columns, isCsv);
        var row = JsonSerializer.SerializeToElement(new { text, n = 1.50m });
        var content = Encoding.UTF8.GetString([.. table.Header(), .. table.Row(row)]);
        (isCsv ? Rows.Csv(content) : Rows.Tsv(content)).Select(read => (read.Text("text"), read.Text("n"))).Should().Equal((text, "1.50"));
    }

    [Fact]
    public void What_a_table_cannot_hold_is_an_error()
    {
        var table = new TableWriter(Columns, isCsv: false);
        FluentActions.Invoking(() => table.Row(JsonSerializer.SerializeToElement(new { text = "a\tb" }))).Should().Throw<FormatException>()
            .WithMessage("*.tsv cannot hold a tab or a line break*");
        FluentActions.Invoking(() => table.Row(JsonSerializer.SerializeToElement(new { more = 1 }))).Should().Throw<FormatException>()
            .WithMessage("*a field 'more', which the first row lacks*");
    }

    [Fact]
    public void A_parquet_column_has_the_type_of_all_its_values()
    {
        string[] lines =
        [
            """{"text":"a","whole":1,"number":2,"flag":true,"ids":[1,2],"scores":[0.5],"mixed":"x","none":null}""",
            """{"text":null,"whole":-9007199254740993,"number":0.25,"flag":null,"ids":[],"scores":null,"mixed":3,"none":null}""",
            """{"text":"ü","whole":null,"number":null,"flag":false,"ids":null,"scores":[1,2.5],"mixed":{"a":[1]},"none":null,"late":"l"}""",
        ];
        Written(lines, null).Should().Equal(
            """{"text":"a","whole":1,"number":2,"flag":true,"ids":[1,2],"scores":[0.5],"mixed":"x","none":null,"late":null}""",
            """{"text":null,"whole":-9007199254740993,"number":0.25,"flag":null,"ids":[],"scores":null,"mixed":"3","none":null,"late":null}""",
            ("""{"text":"ü","whole":null,"number":null,"flag":false,"ids":null,"scores":[1,2.5],"mixed":"{\u0022a\u0022:["""
                + """1]}","none":null,"late":"l"}""").Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("18446744073709551615", "0")]
    [InlineData("9007199254740993", "0.5")]
    [InlineData("18446744073709551615", "-1")]
    [InlineData("18446744073709551616", "1")]
    [InlineData("-9223372036854775808", "9223372036854775807")]
    [InlineData("1e400", "1")]
    [InlineData("1e-400", "1")]
    [InlineData("0.1", "0.2")]
    [InlineData("0.1234567890123456789", "0.5")]
    [InlineData("9007199254740992", "0.5")]
    [InlineData("1000000000000000", "0.5")]
    [InlineData("100000000000000000000", "0.5")]
    [InlineData("36893488147419103232", "1")]
    [InlineData("123456789012345678901234567890", "null")]
    [InlineData("-0", "1")]
    [InlineData("true", "18446744073709551615")]
    public void Numbers_come_back_with_their_digits_in_every_format(string first, string second)
    {
        string[] lines = [$$"""{"n":{{first}},"list":[{{first}}],"t":"x"}""", $$"""{"n":{{second}},"list":[{{second}}],"t":"y"}"""];
        _ = Written(lines, null).ToArray();
        var rows = ExampleFile.ReadAll(_folder.File("written.parquet"));
        string? Of(Example row) => row.Has("n") ? row.Value("n") : null;
        rows.Select(Of).Should().Equal(first, second == "null" ? null : second);
        rows.Select(row => row.Json("list")!.Value)
            .Select(list => list.ValueKind == JsonValueKind.String ? list.GetString() : list.GetRawText())
            .Should().Equal($"[{first}]", $"[{second}]");
        foreach (var isCsv in new[] { true, false })
        {
            var table = new TableWriter(["n", "list", "t"], isCsv);
            var content = Encoding.UTF8.GetString(
                [.. table.Header(), .. lines.SelectMany(line => table.Row(JsonDocument.Parse(line).RootElement))]);
            (isCsv ? Rows.Csv(content) : Rows.Tsv(content)).Select(row => row.Text("n")).Should().Equal(first, second == "null" ? "" : second);
        }
    }

    [Theory]
    [InlineData("[18446744073709551615,1]", ParquetPhysical.Int64, ParquetMeaning.Unsigned)]
    [InlineData("[9223372036854775807,-1]", ParquetPhysical.Int64, ParquetMeaning.Plain)]
    [InlineData("[9007199254740993,0.5]", ParquetPhysical.Bytes, ParquetMeaning.Text)]
    [InlineData("[9007199254740991,0.5]", ParquetPhysical.Double, ParquetMeaning.Plain)]
    [InlineData("[100000000000000000,0.5]", ParquetPhysical.Bytes, ParquetMeaning.Text)] // a double shows it as 1E+17
    [InlineData("[123456789012345,0.5]", ParquetPhysical.Double, ParquetMeaning.Plain)]
    [InlineData("[1.50,2]", ParquetPhysical.Double, ParquetMeaning.Plain)]
    [InlineData("[1E3,1e-7]", ParquetPhysical.Double, ParquetMeaning.Plain)]
    internal void Numbers_stay_numbers_as_long_as_no_digit_is_lost(string values, ParquetPhysical physical, ParquetMeaning meaning)
    {
        var numbers = JsonDocument.Parse(values).RootElement.EnumerateArray();
        _ = Written([.. numbers.Select(value => $$"""{"n":{{value.GetRawText()}}}""")], null).ToArray();
        var type = ParquetFile.TypesIn(_folder.File("written.parquet"))["n"].Type;
        (type.Physical, type.Meaning).Should().Be((physical, meaning));
    }

    [Fact]
    public void A_table_of_one_column_keeps_empty_texts_or_refuses_them()
    {
        var (empty, csv) = (JsonSerializer.SerializeToElement(new { text = "" }), new TableWriter(["text"], isCsv: true));
        Rows.Csv(Encoding.UTF8.GetString([.. csv.Header(), .. csv.Row(empty)])).Should().ContainSingle().Which.Text("text").Should().BeEmpty();
        FluentActions.Invoking(() => new TableWriter(["text"], isCsv: false).Row(empty)).Should().Throw<FormatException>()
            .WithMessage("*a .tsv of one column cannot hold an empty text*");
    }

    [Fact]
    public void Columns_of_a_parquet_file_keep_their_types()
    {
        var like = Path.Combine(AppContext.BaseDirectory, "Data", "Parquet", "kinds.parquet");
        var lines = ExampleFile.ReadAll(like).Select(row => row.ToString()).ToArray();
        var written = Written(lines, like);
        written.Should().HaveSameCount(lines);
        var (before, after) = (ParquetFile.TypesIn(like), ParquetFile.TypesIn(_folder.File("written.parquet")));
        foreach (var (name, (type, _)) in before)
            after[name].Type.Should().Be(type, name);
        before.Values.Select(column => column.Type.Physical).Should().Contain(ParquetPhysical.Int32).And.Contain(ParquetPhysical.Float);
    }

    private IEnumerable<string> Written(IEnumerable<string> lines, string? like)
    {
        var rows = _folder.Write("rows.jsonl", string.Join('\n', lines));
        using (var stream = File.Create(_folder.File("written.parquet")))
            ParquetTable.Write(stream, rows, like, TestContext.Current.CancellationToken);
        return ExampleFile.ReadAll(_folder.File("written.parquet")).Select(row => row.ToString());
    }
}

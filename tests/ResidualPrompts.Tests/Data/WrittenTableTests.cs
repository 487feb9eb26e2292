using System.Text;
using System.Text.Json;
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

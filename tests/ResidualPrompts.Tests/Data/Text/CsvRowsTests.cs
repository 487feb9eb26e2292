using CsCheck;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Tests.Data.Text;

public sealed class CsvRowsTests
{
    [Fact]
    public void Quoted_cells_hold_commas_quotes_and_line_breaks_and_rows_know_their_first_line()
    {
        var rows = Rows.Csv("text,label\r\n\"a, \"\"b\"\"\r\nc\",1\r\n\r\n x ,\r\n");
        rows.Select(row => (row.Line, row.Index, row.Value("text"), row.Value("label")))
            .Should().Equal((2, 0, "a, \"b\"\nc", "1"), (5, 1, " x ", ""));
    }

    [Theory]
    [InlineData("body\nfine\n\"\"\nbad\n")]
    [InlineData("body\r\nfine\r\n\"\"\r\nbad\r\n")]
    [InlineData("\uFEFFbody\nfine\n\"\"\nbad")]
    [InlineData("\n\nbody\n\nfine\n\"\"\n\nbad\n\n")]
    public void A_quoted_empty_cell_is_a_row_and_an_empty_line_is_not(string text) =>
        Rows.Csv(text).Select(row => (row.Index, row.Text("body"))).Should().Equal((0, "fine"), (1, ""), (2, "bad"));

    [Fact]
    public void A_quoted_empty_cell_is_a_row_without_a_header_and_where_bad_rows_are_passed_over()
    {
        CsvRows.Read(Rows.Lines("5\n\"\"\n\n"), "file", ["body"]).Select(row => row.Text("body")).Should().Equal("5", "");
        var bad = new List<BadRow>();
        CsvRows.Read(Rows.Lines("body\n\"\"\na\"b\n\"\"\nc\n"), "file", null, bad.Add).Select(row => row.Text("body")).Should().Equal("", "", "c");
        bad.Should().ContainSingle().Which.Line.Should().Be(3);
    }

    [Theory]
    [InlineData("text;label\na;1\n", "*no field 'text'; the row has 'text;label'; cells are separated by commas in .csv*such as ';'?")]
    [InlineData("text;label\na, b;1\n", "*line 2: 2 cells, expected 1 as in the header; cells are separated by commas in .csv*")]
    [InlineData("\"text\";\"label\"\n\"a\";1\n", "*line 1: a double quote is*cells are separated by commas in .csv*")]
    [InlineData("text\tlabel\na\t1\n", "*no field 'text'*cells are separated by commas in .csv*")]
    [InlineData("body\na\n", "*no field 'text'; the row has 'body'")]
    [InlineData("a;b,c\n1,2\n", "*no field 'text'; the row has 'a;b', 'c'")]
    public void A_table_with_another_separator_gets_a_hint(string text, string message) =>
        FluentActions.Invoking(() => Rows.Csv(text)[0].Text("text")).Should().Throw<DataException>().WithMessage(message);

    [Fact]
    public void A_byte_order_mark_and_a_missing_last_line_break_do_not_matter()
    {
        var rows = Rows.Csv("\uFEFFtext,label\na,1");
        rows.Should().ContainSingle().Which.Value("text").Should().Be("a");
    }

    [Fact]
    public void The_column_of_row_numbers_that_pandas_writes_may_have_no_name() =>
        Rows.Csv(",text\n0,a\n1,b\n").Select(row => row.Value("text")).Should().Equal("a", "b");

    [Fact]
    public void Every_text_survives_writing_and_reading() =>
        Gen.String[Gen.Char["ab,\"\t \\\n{}é"], 0, 12].Array[2, 4].Array[1, 5].Sample(table =>
        {
            string Quoted(string cell) => $"\"{cell.Replace("\"", "\"\"")}\"";
            var columns = table.Max(row => row.Length);
            var cells = table.Select(row => Enumerable.Range(0, columns).Select(i => i < row.Length ? row[i] : "").ToArray()).ToArray();
            var text = string.Join(",", Enumerable.Range(0, columns).Select(i => $"c{i}")) + "\n"
                + string.Concat(cells.Select(row => string.Join(",", row.Select(Quoted)) + "\n"));
            var read = Rows.Csv(text).Select(row => Enumerable.Range(0, columns).Select(i => row.Text($"c{i}")).ToArray()).ToArray();
            read.Should().BeEquivalentTo(cells, options => options.WithStrictOrdering());
        });

    [Theory]
    [InlineData("a,b\n1,2\n3\n", 3, "1 cell, expected 2 as in the header")]
    [InlineData("a,b\n\"1\n1\",2\n\n1,2,3\n", 5, "3 cells, expected 2 as in the header")]
    [InlineData("a,b\n1,x\"y\n", 2, "*quote*")]
    [InlineData("a,b\n1,\"x\"y\n", 2, "*quote*")]
    [InlineData("a,b\n1,2\n3,\"x\n4,5\n", 3, "*quote*")]
    [InlineData("a,a\n1,2\n", 1, "the header names column 'a' twice")]
    [InlineData("a,,\n1,2,3\n", 1, "the header names column '' twice")]
    public void A_broken_row_is_an_error_of_its_line(string text, int line, string message) =>
        FluentActions.Invoking(() => Rows.Csv(text)).Should().Throw<DataException>().WithMessage($"file, line {line}: {message}");

    [Fact]
    public void A_quote_that_is_never_closed_does_not_swallow_the_file()
    {
        var lines = Enumerable.Range(1, int.MaxValue)
            .Select(number => new TextLine(number, number == 1 ? "a" : number == 2 ? "\"x" : new string('y', 1 << 16)));
        FluentActions.Invoking(() => CsvRows.Read(lines, "file").Count()).Should().Throw<DataException>().WithMessage("file, line 2: *quote*");
    }

    [Fact]
    public void A_file_without_rows_has_none()
    {
        Rows.Csv("").Should().BeEmpty();
        Rows.Csv("\n\n").Should().BeEmpty();
        Rows.Csv("a,b\n").Should().BeEmpty();
    }
}

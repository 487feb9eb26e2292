using ResidualPrompts.Data;

namespace ResidualPrompts.Tests.Data.Text;

public sealed class TsvRowsTests
{
    [Fact]
    public void Quotes_and_commas_are_plain_characters()
    {
        var rows = Rows.Tsv("\uFEFFtext\tlabel\r\n\"a, b\t1\r\n\r\nc \"d\"\t\r\n");
        rows.Select(row => (row.Line, row.Index, row.Value("text"), row.Value("label"))).Should().Equal((2, 0, "\"a, b", "1"), (4, 1, "c \"d\"", ""));
    }

    [Theory]
    [InlineData("a\tb\n1\t2\n1\n", 3, "1 cell, expected 2 as in the header")]
    [InlineData("a\tb\n1\t2\t\n", 2, "3 cells, expected 2 as in the header")]
    [InlineData("a\tb\ta\n", 1, "the header names column 'a' twice")]
    public void A_broken_row_is_an_error_of_its_line(string text, int line, string message) =>
        FluentActions.Invoking(() => Rows.Tsv(text)).Should().Throw<DataException>().WithMessage($"file, line {line}: {message}");
}

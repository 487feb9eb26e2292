using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Tests.Data.Text;

public sealed class JsonLinesTests
{
    [Fact]
    public void Blank_lines_count_as_lines_but_not_as_rows()
    {
        var rows = Rows.Json("", """{"a":1}""", "  ", """{"a":2}""");
        rows.Select(row => (row.Line, row.Index, row.Value("a"), row.Source)).Should().Equal((2, 0, "1", "file"), (4, 1, "2", "file"));
    }

    [Fact]
    public void A_row_is_read_when_it_is_asked_for()
    {
        using var rows = JsonLines.Read(Rows.Lines("{\"a\":1}\nbroken\n"), "file").GetEnumerator();
        rows.MoveNext().Should().BeTrue();
        FluentActions.Invoking(rows.MoveNext).Should().Throw<DataException>().WithMessage("file, line 2: not valid JSON*");
    }

    [Theory]
    [InlineData("""{"a":1""", "not valid JSON*")]
    [InlineData("""{"a":1} {"a":2}""", "not valid JSON*")]
    [InlineData("""{"a":1,"a":2}""", "not valid JSON*a*")]
    [InlineData("""{'a':1}""", "not valid JSON*")]
    [InlineData("""{"a":NaN}""", "not valid JSON*")]
    [InlineData("""["a"]""", "expected a JSON object, found an array")]
    [InlineData("null", "expected a JSON object, found null")]
    public void What_is_no_object_names_its_line(string line, string message) =>
        FluentActions.Invoking(() => Rows.Json("""{"a":1}""", line)).Should().Throw<DataException>().WithMessage($"file, line 2: {message}");

    [Fact]
    public void The_place_in_the_line_is_named_and_no_second_line_number() =>
        FluentActions.Invoking(() => Rows.Json("{}", "{\"a\":x}")).Should().Throw<DataException>()
            .WithMessage("file, line 2: not valid JSON: *'x'* (at byte 6 of the line)").And.Message.Should().NotContain("LineNumber");

    [Fact]
    public void Deep_nesting_is_an_error() =>
        FluentActions.Invoking(() => Rows.Json("{\"a\":" + new string('[', 10_000))).Should().Throw<DataException>()
            .WithMessage("file, line 1: not valid JSON*");

    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\ud800":"b"}""")]
    [InlineData("""{"\ud800":"b","\ud800":"c"}""")]
    public void Half_a_surrogate_pair_is_an_error_of_its_row(string line) =>
        FluentActions.Invoking(() =>
        {
            var row = Rows.Json(line)[0];
            row.Has("a").Should().BeTrue();
            return row.Value("a");
        }).Should().Throw<DataException>().WithMessage("file, line 1: *");
}

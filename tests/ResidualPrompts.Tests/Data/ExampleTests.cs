using ResidualPrompts.Data;

namespace ResidualPrompts.Tests.Data;

public sealed class ExampleTests
{
    private static Example Row { get; } = Rows.Json(
        """{"text":"a \"b\"\n","whole":-3,"fraction":3.80,"yes":true,"no":false,"none":null,"ids":[5,"""
            + """1],"inner":{"deep":{"er":"x"}},"a.b":"dotted"}""")[0];

    [Theory]
    [InlineData("text", "a \"b\"\n")]
    [InlineData("whole", "-3")]
    [InlineData("fraction", "3.80")]
    [InlineData("yes", "true")]
    [InlineData("no", "false")]
    [InlineData("inner.deep.er", "x")]
    [InlineData("a.b", "dotted")]
    public void A_single_value_is_plain_text(string field, string expected) => Row.Value(field).Should().Be(expected);

    [Theory]
    [InlineData("none", "file, line 1: 'none' is null, expected a text, a number, true or false")]
    [InlineData("ids", "*'ids' is an array, expected*")]
    [InlineData("inner.deep", "*'inner.deep' is an object, expected*")]
    [InlineData("inner.shallow", "*no field 'inner.shallow'; the row has 'text', 'whole', 'fraction', *'inner', 'a.b'")]
    [InlineData("text.deep", "*no field 'text.deep'*")]
    [InlineData("", "*no field ''*")]
    public void What_is_no_single_value_names_row_and_field(string field, string message) =>
        FluentActions.Invoking(() => Row.Value(field)).Should().Throw<DataException>().WithMessage(message);

    [Theory]
    [InlineData("text", true)]
    [InlineData("inner.deep.er", true)]
    [InlineData("none", false)]
    [InlineData("missing", false)]
    [InlineData("inner.missing", false)]
    public void Null_is_as_good_as_missing(string field, bool has) => Row.Has(field).Should().Be(has);

    [Fact]
    public void Text_is_a_text_and_nothing_else()
    {
        Row.Text("text").Should().Be("a \"b\"\n");
        FluentActions.Invoking(() => Row.Text("whole")).Should().Throw<DataException>().WithMessage("*'whole' is a number, expected a text*");
    }

    [Fact]
    public void Ids_are_whole_numbers()
    {
        Row.Ids("ids").Should().Equal(5, 1);
        FluentActions.Invoking(() => Row.Ids("text")).Should().Throw<DataException>()
            .WithMessage("*'text' is a text, expected an array of token ids*");
        foreach (var wrong in new[] { "1.5", "\"1\"", "99999999999" })
            FluentActions.Invoking(() => Rows.Json($"{{\"ids\":[1,{wrong}]}}")[0].Ids("ids")).Should().Throw<DataException>()
                .WithMessage($"*'ids'[1] is {wrong}, expected a token id*");
    }

    [Fact]
    public void Whole_numbers_may_be_written_as_text()
    {
        Rows.Csv("n\n-12\n")[0].Integer("n").Should().Be(-12);
        Row.Integer("whole").Should().Be(-3);
        foreach (var field in new[] { "fraction", "text" })
            FluentActions.Invoking(() => Row.Integer(field)).Should().Throw<DataException>()
                .WithMessage($"*'{field}' is '*', expected a whole number*");
    }
}

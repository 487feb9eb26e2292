using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

public sealed class TemplateTests
{
    [Theory]
    [InlineData("{text}", "two  words")]
    [InlineData("review: {text}", "review:  two  words")]
    [InlineData("{ n }/{n} {target.span}", "3.50/3.50 he")]
    [InlineData("{{{yes}}} {{text}}", "{true} {text}")]
    [InlineData(" a {text} \n", "a  two  words")]
    public void Fields_are_filled_in(string template, string expected)
    {
        var row = Rows.Json("""{"text":" two  words ","n":3.50,"yes":true,"target":{"span":"he"}}""")[0];
        Template.Parse(template).Render(row).Should().Be(expected);
    }

    [Theory]
    [InlineData("{text", "*'{' at character 1 is not closed*")]
    [InlineData("a {b {c}", "*'{' at character 3 is not closed*")]
    [InlineData("a }", "*'}' at character 3 closes nothing*")]
    [InlineData("{a}}", "*'}' at character 4 closes nothing*")]
    [InlineData("a { }", "*character 3 hold no field name*")]
    [InlineData("{}", "*character 1 hold no field name*")]
    [InlineData("text", "*names no field*")]
    [InlineData("", "*names no field*")]
    public void A_malformed_template_says_where(string template, string message) =>
        FluentActions.Invoking(() => Template.Parse(template)).Should().Throw<TaskException>().WithMessage(message);

    [Fact]
    public void A_field_that_a_row_lacks_names_row_and_field() =>
        FluentActions.Invoking(() => Template.Parse("{text} {title}").Render(Rows.Json("""{"text":"a","label":1}""")[0]))
            .Should().Throw<DataException>().WithMessage("file, line 1: no field 'title'; the row has 'text', 'label'");

    [Fact]
    public void A_template_knows_its_fields_and_its_source()
    {
        var template = Template.Parse("{{x}} {b} {a.c} {b}");
        template.Fields.Should().Equal("b", "a.c");
        template.ToString().Should().Be("{{x}} {b} {a.c} {b}");
    }
}

using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

public sealed class WinogradSchemaTests
{
    private static readonly TaskDefinition Wsc = BuiltInTasks.Find("wsc");

    [Theory]
    [InlineData("Tom saw him, too", "him", 2, "Tom saw *him*, too")]
    [InlineData("Tom saw \"him\".", "him", 2, "Tom saw \"*him*\".")]
    [InlineData("it is what it is: it", "it", 2, "it is what *it* is: it")] // the nearest
    [InlineData("it was it", "it", 1, "*it* was it")] // the earlier of two
    [InlineData("It was hers", "it", 0, "*It* was hers")] // nowhere: the word at the index
    [InlineData("the item  it", "it", 3, "the item  *it*")] // two spaces hold a word
    [InlineData("the xity", "it", 1, "the x*it*y")]
    public void Only_the_letters_of_the_pronoun_are_marked(string text, string pronoun, int index, string expected) =>
        Wsc.Read(Row(text, pronoun, index)).Text.Should().Be(expected);

    [Theory]
    [InlineData("he", -1, "*'span2_index' is -1, expected a word of the text, 0 to 1")]
    [InlineData("he", 2, "*'span2_index' is 2, expected*")]
    [InlineData("", 0, "*'span2_text' is empty*")]
    public void A_pronoun_that_is_nowhere_is_an_error(string pronoun, int index, string message) =>
        FluentActions.Invoking(() => Wsc.Read(Row("he ran", pronoun, index))).Should().Throw<DataException>().WithMessage(message);

    [Fact]
    public void The_target_is_the_whole_span_and_only_true_rows_train()
    {
        var row = Row("he ran", "he", 0, "the  old\nman ", label: true);
        Wsc.Read(row).Should().Be(new TaskExample(0, "*he* ran", "the old man", 1, "true") { Cluster = "he ran" });
        Wsc.Trains(row).Should().BeTrue();
        Wsc.Trains(Row("he ran", "he", 0, label: false)).Should().BeFalse();
        Wsc.LabelWords.Should().BeNull();
        Wsc.Labels!.Words.Should().Equal("false", "true");
    }

    [Theory]
    [InlineData("the old man", "Old man", "true")]
    [InlineData("man", "the old man", "true")]
    [InlineData("his old woman", "the old man", "false")]
    [InlineData("man's", "the old man's hat", "true")]
    [InlineData("man", "the man's hat", "false")]
    [InlineData("hat", "the man's hat", "false")]
    [InlineData("", "the old man", null)]
    [InlineData("the", "the old man", null)]
    public void An_answer_names_the_referent_by_the_word_rule(string answer, string referent, string? expected) =>
        Wsc.Judge(Wsc.Read(Row("he ran", "he", 0, referent)), answer).Should().Be(expected);

    private static Example Row(string text, string pronoun, int index, string referent = "Tom", bool? label = null) =>
        Wsc.Layout.Apply(Rows.Json(JsonSerializer.Serialize(
            new { text, label, target = new { span1_text = referent, span2_text = pronoun, span2_index = index } }))).Single();
}

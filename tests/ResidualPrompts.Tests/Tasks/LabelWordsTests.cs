using ResidualPrompts.Tasks;

namespace ResidualPrompts.Tests.Tasks;

public sealed class LabelWordsTests
{
    [Fact]
    public void Pairs_keep_their_order()
    {
        var labels = LabelWords.Parse("neg = not good, pos=good=great");
        labels.Values.Should().Equal("neg", "pos");
        labels.Words.Should().Equal("not good", "good=great");
        labels.ToString().Should().Be("neg = not good, pos=good=great", "a text stays as it was written");
        LabelWords.Of(("neg", " not good"), ("pos", "good=great")).ToString().Should().Be("neg=not good,pos=good=great");
    }

    [Fact]
    public void Values_are_compared_letter_by_letter_and_words_without_the_space_around_them()
    {
        var labels = LabelWords.Parse("0=negative,1=positive");
        labels.Find("1").Should().Be(1);
        new[] { "1.0", " 1", "positive", "" }.Should().OnlyContain(value => labels.Find(value) == null);
        labels.FindWord(" positive\n").Should().Be(1);
        new[] { "Positive", "positive.", "1", "" }.Should().OnlyContain(word => labels.FindWord(word) == null);
    }

    [Theory]
    [InlineData("1=bad,5=good", "5", 1)]
    [InlineData("1=bad,5=good", "5.0", 1)]
    [InlineData("1=bad,5=good", "5.000", 1)]
    [InlineData("1=bad,5=good", "1.10", null)]
    [InlineData("1=bad,5=good", "5.01", null)]
    [InlineData("1=bad,5=good", "05.0", null)]
    [InlineData("1=bad,5=good", "5.", null)]
    [InlineData("1.1=a,1.10=b", "1.10", 1)]
    [InlineData("1.1=a,1.10=b", "1.1", 0)]
    [InlineData("1.1=a,1.2=b", "1.10", null)]
    [InlineData("5=a,5.0=b", "5.0", 1)] // as written comes first
    [InlineData("5=a,5.0=b", "5", 0)]
    [InlineData("5=a,5.0=b", "5.00", null)] // both, so neither
    [InlineData("1.0=a,5.0=b", "5", 1)]
    [InlineData("-1=a,0=b", "-1.0", 0)]
    [InlineData("-1=a,0=b", "-0.0", 1)]
    [InlineData("false=no,true=yes", "True", 1)]
    [InlineData("false=no,true=yes", "FALSE", 0)]
    [InlineData("False=no,True=yes", "true", 1)]
    [InlineData("true=no,True=yes", "True", 1)]
    [InlineData("0=false,1=true", "True", 1)] // the word
    [InlineData("0=false,1=true", "1.0", 1)]
    [InlineData("0=false,1=true", "yes", null)]
    public void A_row_is_matched_as_written_first_and_only_then_by_value(string words, string found, int? label) =>
        LabelWords.Parse(words).Match(found).Should().Be(label);

    [Theory]
    [InlineData("", "*a pair is empty*")]
    [InlineData("0=a,,1=b", "*a pair is empty*")]
    [InlineData("0=a,1", "*'1' has no '='*")]
    [InlineData("0=a,=b", "*a value is empty*")]
    [InlineData("0=a,1= ", "*a word is empty*")]
    [InlineData("0=a,0=b", "*value '0' occurs twice*")]
    [InlineData("0=a,1=a", "*word 'a' stands for two values*")]
    [InlineData("0=a", "*at least two*")]
    public void Malformed_label_words_say_why(string text, string message) =>
        FluentActions.Invoking(() => LabelWords.Parse(text)).Should().Throw<TaskException>().WithMessage(message)
            .And.Message.Should().Contain($"\"{text}\"");
}

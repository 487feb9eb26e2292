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

using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>Alone: the collector would count what other tests keep alive.</summary>
[Collection<Alone>]
public class LinearTimeTests
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("a charming and often affecting journey . ")]
    [InlineData("a")]
    [InlineData(".")]
    [InlineData(" ")]
    [InlineData("<")]
    [InlineData("</s>")]
    [InlineData("x </s> ")]
    [InlineData("<extra_id_")]
    [InlineData("\u2581")]
    [InlineData("\u0301")]
    [InlineData("e\u0301")]
    [InlineData("日")]
    [InlineData("\U0001F600")]
    [InlineData("\ud800")]
    [InlineData("\ufdfa")]
    public void Encoding_and_decoding_take_time_in_proportion_to_the_text(string repeated) => LinearGrowth.ShouldBeLinear(
        length =>
        {
            var text = string.Concat(Enumerable.Repeat(repeated, length / repeated.Length));
            return () => NanoTokenizer.Instance.Decode(NanoTokenizer.Instance.Encode(text));
        },
        Megabyte);

    [Fact]
    public void Work_that_grows_by_the_square_is_noticed() =>
        FluentActions.Invoking(() => LinearGrowth.ShouldBeLinear(
            length => () =>
            {
                var sum = 0L;
                for (var i = 0; i < length; i++)
                {
                    for (var j = 0; j < length; j++)
                        sum += i ^ j;
                }

                GC.KeepAlive(sum);
            },
            1 << 14)).Should().Throw<Exception>().WithMessage("*takes the work of*");
}

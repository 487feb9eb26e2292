using System.Diagnostics;

namespace ResidualPrompts.Tests.Tokenization;

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
    public void A_line_of_a_megabyte_takes_moments(string repeated)
    {
        // the short line comes first: with quadratic time it fails soon instead of hanging
        foreach (var length in new[] { Megabyte / 16, Megabyte })
        {
            var text = string.Concat(Enumerable.Repeat(repeated, length / repeated.Length));
            var watch = Stopwatch.StartNew();
            var ids = NanoTokenizer.Instance.Encode(text);
            NanoTokenizer.Instance.Decode(ids);
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(length < Megabyte ? 2 : 10));
        }
    }
}

namespace ResidualPrompts.ParityTests.Tokenization;

/// <summary>
/// Cuts with equal sums of scores. The search is that of SentencePiece 0.1.96; spm_encode 0.1.97 gave these ids. SentencePiece 0.2 rounds before it
/// compares and puts 19568 last in the first three texts. <c>eng/check-ties</c> compares many more lines.
/// </summary>
public class TieTests
{
    [Theory]
    [InlineData("one 7003100000000000000♠1,000", new[] { 80, 12283, 19947, 2313, 2313, 19568, 2313, 2, 19215, 1 })]
    [InlineData("energy 7003100000000000000♠1,000", new[] { 827, 12283, 19947, 2313, 2313, 19568, 2313, 2, 19215, 1 })]
    [InlineData("the the 7003100000000000000♠1,000", new[] { 8, 8, 12283, 19947, 2313, 2313, 19568, 2313, 2, 19215, 1 })]
    [InlineData("7003100000000000000♠1,000 small calories", new[] { 12283, 19947, 2313, 2313, 2313, 19568, 2, 19215, 422, 10004, 1 })]
    public void The_sum_before_a_tie_decides_it(string text, int[] ids) => TokenizerGolden.Tokenizer("t5").Encode(text).Should().Equal(ids);
}

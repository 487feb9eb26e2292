using ResidualPrompts.Batching;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Evaluation;

public sealed class AnswerSpaceTests
{
    /// <summary>What is generated is compared by its tokens: some words have special tokens, spaces or characters that their decoded text has not.</summary>
    [Theory]
    [InlineData("<extra_id_0>", "<extra_id_1>")]
    [InlineData("good", "good <extra_id_0>")]
    [InlineData("good<extra_id_0>", "bad<extra_id_0>")]
    [InlineData("not  so", "so  not")]
    [InlineData("ﬁne", "bad")]
    [InlineData("漢字", "fine")]
    public void A_generated_label_word_is_its_label_whatever_its_tokens_are(params string[] words)
    {
        var tokenizer = T5Tokenizer.Load(Path.Combine(AppContext.BaseDirectory, "TestData", "t5-nano"));
        var task = new TaskDefinition { Name = "own", Labels = LabelWords.Parse($"0={words[0]},1={words[1]}"), Evaluation = EvaluationMode.Generate };
        var answers = AnswerSpace.Of(task, new ExampleEncoder(task, tokenizer, 20, 0, _ => null), null, longestTarget: 4);

        foreach (var word in words)
        {
            var ids = tokenizer.Encode(word);
            answers.OutcomeOf(ids).Should().Be(word);
            answers.OutcomeOf(ids[..^1]).Should().Be(word, "it may end at the maximum of new tokens");
            answers.OutcomeOf([.. ids[..^1], 40, 1]).Should().BeNull();
        }

        answers.OutcomeOf([1]).Should().BeNull();
    }
}

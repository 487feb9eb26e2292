using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Prompts;

public sealed class PromptInitializationTests
{
    [Fact]
    public void Sampled_rows_are_rows_of_the_candidates_without_repetition()
    {
        using var scope = NewDisposeScope();
        var embedding = arange(60, ScalarType.Float32).view(20, 3);
        int[] candidates = [4, 7, 8, 11, 15];
        var rows = PromptInitialization.Sampled(embedding, candidates, 5, new Generator(3, CPU));
        rows.select(1, 0).data<float>().ToArray().Select(first => (int)first / 3).Order().Should().Equal(candidates);
        PromptInitialization.Sampled(embedding, candidates, 12, new Generator(3, CPU)).shape.Should().Equal(12, 3);
        TensorAssert.Equal(PromptInitialization.Sampled(embedding, candidates, 5, new Generator(3, CPU)), rows);
    }

    [Fact]
    public void A_text_is_cut_or_repeated_to_the_length()
    {
        using var scope = NewDisposeScope();
        var embedding = arange(20, ScalarType.Float32).view(20, 1);
        PromptInitialization.OfTokens(embedding, [5, 9, 2], 2).data<float>().ToArray().Should().Equal(5, 9);
        PromptInitialization.OfTokens(embedding, [5, 9, 2], 7).data<float>().ToArray().Should().Equal(5, 9, 2, 5, 9, 2, 5);
    }

    [Fact]
    public void Labels_are_means_of_their_tokens_and_the_rest_is_as_given()
    {
        using var scope = NewDisposeScope();
        var embedding = arange(20, ScalarType.Float32).view(20, 1);
        var others = full(4, 1, -1f);
        PromptInitialization.OfLabels(embedding, [[4, 8], [3]], others).data<float>().ToArray().Should().Equal(6, 3, -1, -1);
        PromptInitialization.OfLabels(embedding, [[1], [2], [3], [4], [5]], others).data<float>().ToArray().Should().Equal(1, 2, 3, 4);
    }

    [Fact]
    public void Uniform_rows_have_the_prompts_width_and_fill_their_range()
    {
        using var scope = NewDisposeScope();
        var rows = PromptInitialization.Uniform(50, 40, 0.5, new Generator(1, CPU));
        rows.shape.Should().Equal(50, 40);
        rows.abs().max().item<float>().Should().BeInRange(0.49f, 0.5f);
        rows.mean().item<float>().Should().BeApproximately(0, 0.03f);
    }
}

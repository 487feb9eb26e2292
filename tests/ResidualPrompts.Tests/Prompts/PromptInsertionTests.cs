using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Prompts;

public sealed class PromptInsertionTests
{
    [Fact]
    public void A_prompt_stands_before_the_text_and_makes_it_longer()
    {
        using var scope = NewDisposeScope();
        var embedded = ones(2, 3, 4);
        var (rows, lengths) = PromptInsertion.Prepend(zeros(5, 4), embedded, [3, 1]);
        rows.shape.Should().Equal(2, 8, 4);
        lengths.Should().Equal(8, 6);
        TensorAssert.Equal(rows.narrow(1, 0, 5), zeros(2, 5, 4));
        TensorAssert.Equal(rows.narrow(1, 5, 3), embedded);
    }

    [Fact]
    public void Prompts_of_different_lengths_stand_before_the_valid_rows_of_their_examples()
    {
        using var scope = NewDisposeScope();
        var embedded = arange(24, ScalarType.Float32).view(2, 3, 4);
        var (rows, lengths) = PromptInsertion.Prepend([full(1, 4, -1f), full(4, 4, -2f)], embedded, [3, 2]);
        rows.shape.Should().Equal(2, 6, 4);
        lengths.Should().Equal(4, 6);
        TensorAssert.Equal(rows[0].narrow(0, 1, 3), embedded[0]);
        TensorAssert.Equal(rows[1].narrow(0, 0, 4), full(4, 4, -2f));
        TensorAssert.Equal(rows[1].narrow(0, 4, 2), embedded[1].narrow(0, 0, 2));
    }

    [Fact]
    public void A_prompt_of_another_width_or_a_missing_prompt_is_refused()
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => PromptInsertion.Prepend(zeros(5, 3), ones(2, 3, 4), [3, 1])).Should().Throw<ArgumentException>()
            .WithMessage("*[P, 4]*[5, 3]*");
        FluentActions.Invoking(() => PromptInsertion.Prepend([zeros(5, 4)], ones(2, 3, 4), [3, 1])).Should().Throw<ArgumentException>()
            .WithMessage("*2 examples*1*");
    }
}

using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Scoring;

/// <summary>Scoring in 8-bit integers: nearly the same, and nothing else but scoring.</summary>
public sealed class Int8Tests
{
    private const string Reason = "this processor has no vectors for it";

    [Theory]
    [InlineData(ComputeMode.Packed, 10)]
    [InlineData(ComputeMode.Packed, 11)]
    [InlineData(ComputeMode.Padded, 10)]
    public void Scores_are_nearly_those_of_float32_and_exactly_those_when_it_is_off_again(ComputeMode mode, int version)
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var scope = NewDisposeScope();
        using var model = TinyT5.CreateFrozen(TinyT5.Version(version), mode);
        using var prompt = Some.Prompt(model.Config, 5);
        using var batch = Batch.Of(Some.Examples(model.Config));
        double[] Scores(bool usesInt8)
        {
            using var variant = model.Variant(computation => computation with { Int8 = usesInt8 });
            return [.. new PromptedT5(variant, prompt).ScoreLabels(batch, Some.Labels).SelectMany(row => row)];
        }

        var expected = Scores(usesInt8: false);
        var scores = Scores(usesInt8: true);
        var spread = expected.Max() - expected.Min();
        foreach (var (score, wanted) in scores.Zip(expected))
            score.Should().BeApproximately(wanted, 0.03 * spread);
        scores.Should().NotEqual(expected);
        Scores(usesInt8: false).Should().Equal(expected);
        Scores(usesInt8: true).Should().Equal(scores);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void Scores_do_not_depend_on_what_else_is_in_the_batch(int version)
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var scope = NewDisposeScope();
        using var weights = TinyT5.CreateFrozen(TinyT5.Version(version));
        using var model = weights.Variant(computation => computation with { Int8 = true });
        var examples = Some.Examples(model.Config);
        using var together = Batch.Of(examples);
        var expected = new PromptedT5(model).ScoreLabels(together, Some.Labels);
        var spread = expected.Max(row => row.Max()) - expected.Min(row => row.Min());
        for (var i = 0; i < examples.Length; i++)
        {
            using var alone = Batch.Of([examples[i]]);
            foreach (var (score, wanted) in new PromptedT5(model).ScoreLabels(alone, Some.Labels)[0].Zip(expected[i]))
                score.Should().BeApproximately(wanted, 0.01 * spread); // float32's last digits may move a byte
        }
    }

    [Fact]
    public void Scores_do_not_depend_on_the_other_labels()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var scope = NewDisposeScope();
        using var weights = TinyT5.CreateFrozen(TinyT5.Version10);
        using var model = weights.Variant(computation => computation with { Int8 = true });
        using var batch = Batch.Of(Some.Examples(model.Config));
        var together = new PromptedT5(model).ScoreLabels(batch, Some.Labels); // so many tokens that keys and values are projected
        var alone = new PromptedT5(model).ScoreLabels(batch, [Some.Labels[0]]); // so few that they are absorbed
        var spread = together.Max(row => row.Max()) - together.Min(row => row.Min());
        foreach (var (row, wanted) in alone.Zip(together))
            row[0].Should().BeApproximately(wanted[0], 0.01 * spread);
    }

    [Theory]
    [InlineData(3)] // keys and values absorbed
    [InlineData(8)] // and projected
    public void Generation_goes_on_token_by_token_as_all_at_once(int count)
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var scope = NewDisposeScope();
        using var weights = TinyT5.CreateFrozen(TinyT5.Version10);
        using var model = weights.Variant(computation => computation with { Int8 = true });
        using var batch = Batch.Of(Some.Examples(model.Config)[..1]);
        var generated = new PromptedT5(model).Generate(batch, new GenerationOptions(count, IgnoreEos: true))[0];
        generated.Should().HaveCount(count);
        int[][] labels = [generated, [.. generated[..^1], generated[^1] == 5 ? 6 : 5]];
        var scores = new PromptedT5(model).ScoreLabels(batch, labels)[0];
        scores[0].Should().BeGreaterThan(scores[1]);
    }

    [Fact]
    public void Gradients_stay_those_of_float32()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var scope = NewDisposeScope();
        using var model = TinyT5.CreateFrozen(TinyT5.Version10);
        using var batch = Batch.Of(Some.Examples(model.Config));
        (double Loss, float[] Gradient) Run(bool usesInt8)
        {
            using var variant = model.Variant(computation => computation with { Int8 = usesInt8 });
            using var prompt = Some.Prompt(model.Config, 5);
            prompt.Parameters["prompt"].requires_grad_(true);
            var loss = new PromptedT5(variant, prompt).Backward(batch);
            return (loss, prompt.Parameters["prompt"].grad!.data<float>().ToArray());
        }

        var (expectedLoss, expected) = Run(usesInt8: false);
        var (loss, gradient) = Run(usesInt8: true);
        loss.Should().Be(expectedLoss);
        gradient.Should().Equal(expected);
        using var int8 = model.Variant(computation => computation with { Int8 = true });
        var act = () => new PromptedT5(int8).Backward(batch, checkpointing: true);
        act.Should().Throw<InvalidOperationException>().WithMessage("*int8*scoring*");
    }

    [Fact]
    public void Only_a_prepared_model_of_float32_can_do_it()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var trainable = TinyT5.Create(TinyT5.Version10);
        using var halves = TinyT5.CreateFrozen(TinyT5.Version10, type: ScalarType.BFloat16);
        foreach (var model in new[] { trainable, halves })
        {
            var act = () => model.Variant(computation => computation with { Int8 = true });
            act.Should().Throw<InvalidOperationException>().WithMessage("*frozen*float32*");
            model.UsesInt8.Should().BeFalse();
        }
    }
}

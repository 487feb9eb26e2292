using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Scoring;

/// <summary>What must hold of a frozen T5 with a prompt, whatever its weights.</summary>
public sealed class InvariantTests
{
    private const double Tolerance = 1e-5;

    public static TheoryData<int> Versions => [10, 11];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Padding_and_batch_mates_do_not_change_logits(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var prompt = Some.Prompt(config, 3);
        var prompted = new PromptedT5(model, prompt);
        var examples = Some.Examples(config);
        using var together = Batch.Of(examples);
        var logits = prompted.TargetLogits(together);
        for (var i = 0; i < examples.Length; i++)
        {
            using var alone = Batch.Of([examples[i]]);
            var length = examples[i].TargetIds!.Length;
            TensorAssert.Close(logits[i].narrow(0, 0, length), prompted.TargetLogits(alone)[0], Tolerance, $"example {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Padding_and_batch_mates_do_not_change_scores_and_generated_tokens(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var prompt = Some.Prompt(config, 3);
        var prompted = new PromptedT5(model, prompt);
        var examples = Some.Examples(config);
        using var together = Batch.Of(examples);
        var scores = prompted.ScoreLabels(together, Some.Labels);
        var generated = prompted.Generate(together, new GenerationOptions(12));
        for (var i = 0; i < examples.Length; i++)
        {
            using var alone = Batch.Of([examples[i]]);
            TensorAssert.Close(scores[i], prompted.ScoreLabels(alone, Some.Labels)[0]);
            generated[i].Should().Equal(prompted.Generate(alone, new GenerationOptions(12))[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Labels_side_by_side_score_as_each_label_alone(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        var prompted = new PromptedT5(model, null);
        using var batch = Batch.Of(Some.Examples(config));
        var together = prompted.ScoreLabels(batch, Some.Labels);
        for (var label = 0; label < Some.Labels.Length; label++)
        {
            var alone = prompted.ScoreLabels(batch, [Some.Labels[label]]);
            TensorAssert.Close([.. together.Select(row => row[label])], [.. alone.Select(row => row[0])]);
        }
    }

    [Fact]
    public void Very_many_labels_score_as_few()
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version10;
        using var model = TinyT5.Create(config);
        var prompted = new PromptedT5(model);
        using var batch = Batch.Of(Some.Examples(config));
        var many = Enumerable.Range(0, 600).Select(i => TinyT5.RandomIds(config, 2 + (i % 5), i)).ToArray(); // several passes of the decoder
        var scores = prompted.ScoreLabels(batch, many);
        scores[2].Length.Should().Be(600);
        foreach (var label in new[] { 0, 311, 599 })
            scores[2][label].Should().BeApproximately(prompted.ScoreLabels(batch, [many[label]])[2][0], Tolerance);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_score_is_minus_the_loss_times_the_tokens(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        var prompted = new PromptedT5(model);
        foreach (var example in Some.Examples(config))
        {
            using var batch = Batch.Of([example]);
            var expected = -prompted.Loss(batch).item<float>() * example.TargetIds!.Length;
            prompted.ScoreLabels(batch, [example.TargetIds])[0][0].Should().BeApproximately(expected, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Generation_with_a_cache_chooses_what_the_whole_sequence_would(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var prompt = Some.Prompt(config, 2);
        var prompted = new PromptedT5(model, prompt);
        using var batch = Batch.Of(Some.Examples(config));
        var generated = prompted.Generate(batch, new GenerationOptions(20, IgnoreEos: true));
        generated.Should().OnlyContain(ids => ids.Length == 20);
        using var taught = Batch.Of([.. Some.Examples(config).Select((example, i) => example with { TargetIds = generated[i] })]);
        var best = prompted.TargetLogits(taught).argmax(-1).data<long>().ToArray();
        best.Select(id => (int)id).Should().Equal(generated.SelectMany(ids => ids));
    }

    [Fact]
    public void Eos_is_not_generated_before_the_least_number_of_tokens()
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version10;
        var weights = TinyT5.Weights(config);
        weights["shared.weight"][config.EosId] *= 8; // eos now and then
        using var model = new T5Model(config, weights);
        var prompted = new PromptedT5(model);
        using var batch = Batch.Of(Some.Examples(config));
        var free = prompted.Generate(batch, new GenerationOptions(30));
        free.Any(ids => ids[^1] == config.EosId && ids.Length < 10).Should().BeTrue();
        var late = prompted.Generate(batch, new GenerationOptions(30, MinNewTokens: 10));
        late.Should().OnlyContain(ids => !ids.Take(10).Contains(config.EosId));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Each_example_of_a_batch_may_have_its_own_prompt(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var first = Some.Prompt(config, 2, seed: 5);
        using var second = Some.Prompt(config, 7, seed: 6);
        var examples = Some.Examples(config);
        SoftPrompt[] prompts = [first, second, second, first];
        using var together = Batch.Of(examples);
        var unprompted = new PromptedT5(model);
        var scores = unprompted.ScoreLabels(together, Some.Labels, prompts);
        var generated = unprompted.Generate(together, new GenerationOptions(8), prompts);
        for (var i = 0; i < examples.Length; i++)
        {
            var prompted = new PromptedT5(model, prompts[i]);
            using var alone = Batch.Of([examples[i]]);
            TensorAssert.Close(scores[i], prompted.ScoreLabels(alone, Some.Labels)[0]);
            generated[i].Should().Equal(prompted.Generate(alone, new GenerationOptions(8))[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void Only_the_prompt_gets_a_gradient_and_every_row_of_it(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var prompt = Some.Prompt(config, 4);
        prompt.Parameters["prompt"].requires_grad_(true);
        using var batch = Batch.Of(Some.Examples(config));
        new PromptedT5(model, prompt).Loss(batch).backward();
        var norms = prompt.Parameters["prompt"].grad!.norm(1).data<float>().ToArray();
        norms.Should().OnlyContain(norm => norm > 1e-7f);
        model.Weights.Values.Should().OnlyContain(weight => !weight.requires_grad);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public void A_trainable_T5_gives_gradients_to_all_its_weights_and_the_same_loss(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        using var batch = Batch.Of(Some.Examples(config));
        var prompted = new PromptedT5(model);
        var frozen = prompted.Loss(batch);
        model.Train(_ => true);
        var loss = prompted.Loss(batch);
        loss.backward();
        TensorAssert.Close(loss, frozen, 1e-6);
        foreach (var (name, weight) in model.Weights)
            weight.grad!.abs().sum().item<float>().Should().BeGreaterThan(0, name);
    }

    [Fact]
    public void A_prompt_of_another_width_is_refused()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = new PlainPrompt(zeros(3, 21));
        var act = () => new PromptedT5(model, prompt);
        act.Should().Throw<BackboneException>().WithMessage("*21 wide*hidden size is 20*");
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Scoring;

/// <summary>Many prompts before one backbone.</summary>
public sealed class PromptScorerTests
{
    private static readonly LabelSet Two = LabelSet.Of(["a", "b"], [[5, 1], [9, 10, 1]]);
    private static readonly LabelSet Three = LabelSet.Of(["x", "y", "z"], [[7, 1], [8, 1], [5, 6, 1]]);

    public static TheoryData<int> Versions => [10, 11];

    [Theory]
    [MemberData(nameof(Versions))]
    public void Rows_with_prompts_of_their_own_score_as_each_row_alone(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.Create(config);
        SoftPrompt?[] prompts = [Prompt(config, 1), Prompt(config, 7), null, Prompt(config, 3)];
        PromptedInput[] rows = [.. Enumerable.Range(0, 23).Select(i => new PromptedInput(TinyT5.RandomIds(config, 2 + (i % 9), i), prompts[i % 4]))];
        LabelSet[] labels = [.. rows.Select((_, i) => i % 3 == 0 ? Three : Two)];
        var together = new PromptScorer(model, budget: new TokenBudget(MaxTokens: 60, MaxExamples: 5)).Score(rows, labels);
        var generated = new PromptScorer(model).Generate(rows, new GenerationOptions(6));
        for (var i = 0; i < rows.Length; i++)
        {
            var alone = new PromptedT5(model, rows[i].Prompt);
            using var batch = Batch.Of([new EncodedExample(rows[i].InputIds)]);
            TensorAssert.Close(together[i].Scores!, alone.ScoreLabels(batch, labels[i].Ids)[0]);
            generated[i].GeneratedIds!.Should().Equal(alone.Generate(batch, new GenerationOptions(6))[0]);
        }

        DisposeAll(prompts);
    }

    /// <summary>
    /// One prompt, whose rows are given as examples or as rows with the prompt: the same numbers to the last digit, and those of the model alone by
    /// these batches.
    /// </summary>
    [Theory]
    [MemberData(nameof(Versions))]
    public void One_prompt_is_a_batch_with_one_prompt(int version)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        using var model = TinyT5.CreateFrozen(config);
        foreach (var prompt in new SoftPrompt?[] { null, Prompt(config, 4) })
        {
            int[][] inputs = [.. Enumerable.Range(0, 37).Select(i => TinyT5.RandomIds(config, 2 + (i * 7 % 19), i))];
            var budget = new TokenBudget(MaxTokens: 90, MaxExamples: 6);
            var scorer = new PromptScorer(model, prompt, budget);
            var request = new ScoringRequest(Three.Ids, new GenerationOptions(5));
            var examples = scorer.Score(inputs.Select(ids => new EncodedExample(ids)), request, TestContext.Current.CancellationToken).ToList();
            PromptedInput[] rows = [.. inputs.Select(ids => new PromptedInput(ids, prompt))];
            var scored = new PromptScorer(model, budget: budget).Score(rows, [.. rows.Select(_ => Three)]);
            var generated = new PromptScorer(model, budget: budget).Generate(rows, new GenerationOptions(5));
            var alone = new PromptedT5(model, prompt);
            foreach (var indices in budget.Group([.. rows.Select(row => row.Length)]))
            {
                using var batch = Batch.Of([.. indices.Select(i => new EncodedExample(inputs[i]))], config.PadId);
                var (scores, ids) = (alone.ScoreLabels(batch, Three.Ids), alone.Generate(batch, new GenerationOptions(5)));
                foreach (var (place, i) in indices.Index())
                {
                    examples[i].Scores.Should().Equal(scores[place]);
                    scored[i].Scores.Should().Equal(scores[place]);
                    examples[i].GeneratedIds.Should().Equal(ids[place]);
                    generated[i].GeneratedIds.Should().Equal(ids[place]);
                }
            }

            prompt?.Dispose();
        }
    }

    [Fact]
    public void Candidates_of_an_example_score_as_these_labels_alone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.CreateFrozen(TinyT5.Version10);
        using var prompt = Prompt(TinyT5.Version10, 3);
        EncodedExample[] examples = [.. Enumerable.Range(0, 7)
            .Select(i => new EncodedExample(TinyT5.RandomIds(TinyT5.Version10, 4 + i, i), null, i % 2 == 0 ? Two.Ids : Three.Ids))];
        var scored = new PromptScorer(model, prompt).Score(examples, new ScoringRequest(null, null), TestContext.Current.CancellationToken).ToList();
        foreach (var (example, result) in examples.Zip(scored))
        {
            using var batch = Batch.Of([example]);
            result.Scores.Should().Equal(new PromptedT5(model, prompt).ScoreLabels(batch, example.CandidateIds!)[0]);
            result.LabelIndex.Should().Be(Array.IndexOf(result.Scores!, result.Scores!.Max()));
        }
    }

    [Fact]
    public void Several_scorers_over_one_window_give_what_each_gives_alone()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.CreateFrozen(TinyT5.Version10);
        using var other = TinyT5.CreateFrozen(TinyT5.Version11);
        var budget = new TokenBudget(MaxTokens: 60, MaxExamples: 5);
        PromptScorer[] scorers =
        [
            new(model, Prompt(TinyT5.Version10, 3), budget), new(model, Prompt(TinyT5.Version10, 9), budget), new(model, null, budget),
            new(other, Prompt(TinyT5.Version11, 3), budget), new(model, Prompt(TinyT5.Version10, 3, seed: 5), budget),
        ];
        EncodedExample[] examples = [.. Enumerable.Range(0, 23)
            .Select(i => new EncodedExample(TinyT5.RandomIds(TinyT5.Version10, 3 + (i * 5 % 11), i), null, i % 2 == 0 ? Two.Ids : Three.Ids))];
        foreach (var request in new[] { new ScoringRequest(Three.Ids, null), new(null, null), new(null, new GenerationOptions(4)) })
        {
            var together = PromptScorer.ScoreEach(scorers, examples, request, TestContext.Current.CancellationToken);
            foreach (var (scorer, results) in scorers.Zip(together))
            {
                var alone = scorer.Score(examples, request, TestContext.Current.CancellationToken).ToArray();
                results.Select(result => result.Scores).Should()
                    .BeEquivalentTo(alone.Select(result => result.Scores), bits => bits.WithStrictOrdering());
                results.Select(result => result.GeneratedIds).Should()
                    .BeEquivalentTo(alone.Select(result => result.GeneratedIds), ids => ids.WithStrictOrdering());
            }
        }
    }

    [Fact]
    public void A_cancelled_token_ends_scoring_before_the_next_batch()
    {
        using var model = TinyT5.CreateFrozen(TinyT5.Version10);
        using var stop = new CancellationTokenSource();
        var score = () => new PromptScorer(model)
            .Score(Enumerable.Range(0, 2000).Select(i => new EncodedExample([5, 1])), new ScoringRequest(Two.Ids, null), stop.Token)
            .Count(_ =>
            {
                stop.Cancel();
                return true;
            });
        score.Should().Throw<OperationCanceledException>();
    }

    [Fact]
    public void An_ensemble_is_the_mean_of_its_prompts()
    {
        using var scope = NewDisposeScope();
        using var model = TinyT5.Create(TinyT5.Version10);
        SoftPrompt?[] prompts = [Prompt(TinyT5.Version10, 2), Prompt(TinyT5.Version10, 5), null];
        int[][] inputs = [.. Enumerable.Range(0, 6).Select(i => TinyT5.RandomIds(TinyT5.Version10, 3 + i, i))];
        var scorer = new PromptScorer(model);
        var together = scorer.Predict(inputs, prompts, Three);
        var each = prompts.Select(prompt => scorer.Predict(inputs, [prompt], Three)).ToArray();
        for (var i = 0; i < inputs.Length; i++)
        {
            double[] means = [.. Enumerable.Range(0, 3).Select(label => each.Average(ofPrompt => ofPrompt[i].Scores![label]))];
            TensorAssert.Close(together[i].Scores!, means);
            together[i].LabelIndex.Should().Be(Array.IndexOf(means, means.Max()));
            together[i].Probabilities!.Sum().Should().BeApproximately(1, 1e-12);
        }

        DisposeAll(prompts);
    }

    [Fact]
    public void A_vote_goes_to_the_label_of_most_prompts()
    {
        var prediction = ScoredExample.Of([[-1, -2], [-1, -2], [-100, -1]], Ensembling.Vote);
        prediction.LabelIndex.Should().Be(0);
        prediction.Probabilities.Should().Equal([2.0 / 3, 1.0 / 3], (a, b) => Math.Abs(a - b) < 1e-12);
        prediction.Scores![0].Should().BeApproximately(-34, 1e-12);
        ScoredExample.Of([[-1, -2], [-1, -2], [-100, -1]]).LabelIndex.Should().Be(1, "the mean listens to how sure a prompt is");
    }

    [Fact]
    public void A_tied_vote_goes_to_the_higher_mean() =>
        ScoredExample.Of([[-1, -2, -9], [-5, -1, -9], [-9, -9, -8]], Ensembling.Vote).LabelIndex.Should().Be(1);

    [Fact]
    public void The_mean_of_probabilities_weighs_how_sure_each_prompt_is()
    {
        var prediction = ScoredExample.Of([[Math.Log(0.4), Math.Log(0.6)], [Math.Log(0.9), Math.Log(0.1)]], Ensembling.MeanProbability);
        prediction.LabelIndex.Should().Be(0);
        prediction.Probabilities![0].Should().BeApproximately(0.65, 1e-15);
        prediction.Scores![1].Should().BeApproximately(Math.Log(0.35), 1e-15);
        ScoredExample.Of([[-1, -2], [-2, -1]], Ensembling.MeanProbability).LabelIndex.Should().Be(0, "the first wins a tie");
    }

    [Fact]
    public void A_label_that_every_prompt_thinks_impossible_keeps_a_finite_score()
    {
        var prediction = ScoredExample.Of([[-1, -2000], [-1, -3000]], Ensembling.MeanProbability);
        prediction.Probabilities.Should().Equal(1, 0);
        prediction.Scores![1].Should().BeApproximately(-1999 - Math.Log(2), 1e-9);
        ScoredExample.Of([[-1, -2], [double.NaN, -2]], Ensembling.MeanProbability).IsFinite.Should().BeFalse();
    }

    [Fact]
    public void A_temperature_changes_probabilities_and_no_label()
    {
        double[][] scores = [[-3, -1, -2]];
        var (sure, unsure) = (ScoredExample.Of(scores), ScoredExample.Of(scores, temperature: 4));
        unsure.LabelIndex.Should().Be(sure.LabelIndex);
        unsure.Scores.Should().Equal(sure.Scores!);
        unsure.Probabilities!.Max().Should().BeLessThan(sure.Probabilities!.Max());
        sure.Probabilities![1].Should().BeApproximately(Math.Exp(-1) / (Math.Exp(-3) + Math.Exp(-1) + Math.Exp(-2)), 1e-12);
    }

    [Fact]
    public void The_fitted_temperature_is_the_one_that_scores_were_spoiled_by()
    {
        // Labels drawn from the probabilities of honest scores, which are then made five times too sure.
        var random = new Random(4);
        double[][] honest = [.. Enumerable.Range(0, 4000)
            .Select(_ => new[] { 3 * random.NextDouble(), 3 * random.NextDouble(), 3 * random.NextDouble() })];
        int[] labels = [.. honest.Select(scores => Draw(Calibration.Probabilities(scores), random.NextDouble()))];
        double[][] spoiled = [.. honest.Select(scores => scores.Select(score => 5 * score).ToArray())];
        Calibration.FitTemperature(spoiled, labels).Should().BeApproximately(5, 0.5);
        Calibration.FitTemperature(honest, labels).Should().BeApproximately(1, 0.1);
    }

    [Fact]
    public void A_prompt_of_another_model_is_refused()
    {
        using var model = TinyT5.Create(TinyT5.Version10);
        using var prompt = new PlainPrompt(zeros(2, 12));
        var predict = () => new PromptScorer(model).Predict([[5, 1]], [prompt], Two);
        predict.Should().Throw<BackboneException>().WithMessage("*12 wide*hidden size is 20*");
    }

    [Fact]
    public void Labels_that_are_the_same_tokens_are_refused()
    {
        var equal = () => LabelSet.Of(["good", "Good"], [[5, 1], [5, 1]]);
        equal.Should().Throw<BackboneException>().WithMessage("*'good' and 'Good' are the same tokens*");
        var none = () => LabelSet.Of([], []);
        none.Should().Throw<BackboneException>().WithMessage("*no labels*");
    }

    private static int Draw(double[] probabilities, double at)
    {
        for (var i = 0; i < probabilities.Length - 1; i++)
        {
            if ((at -= probabilities[i]) < 0)
                return i;
        }

        return probabilities.Length - 1;
    }

    private static PlainPrompt Prompt(T5Config config, int length, int? seed = null)
    {
        using var generator = new Generator((ulong)(seed ?? length), CPU);
        return new PlainPrompt(randn([length, config.HiddenSize], generator: generator));
    }

    private static void DisposeAll(IEnumerable<SoftPrompt?> prompts)
    {
        foreach (var prompt in prompts)
            prompt?.Dispose();
    }
}

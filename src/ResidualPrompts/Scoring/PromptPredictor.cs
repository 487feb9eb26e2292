using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;

namespace ResidualPrompts.Scoring;

/// <summary>
/// One backbone and any number of prompts. Rows of one batch may carry different prompts of different lengths, so that many prompts cost
/// one forward pass and not one each; results are those of each row alone, to rounding. It borrows model and prompts. Like all tensor
/// code it is used by one thread at a time.
/// </summary>
/// <example>
/// Two prompts over the same texts in one pass:
/// <code>
/// var predictor = new PromptPredictor(backbone.Model);
/// var labels = LabelSet.Of(backbone.Tokenizer, ["review", "story"]);
/// var texts = new[] { "a clumsy script .", "two brothers travel to paris ." };
/// foreach (var prediction in predictor.Predict([.. texts.Select(text => backbone.Tokenizer.Encode(text))], [first, second], labels))
///     Console.WriteLine(labels.Names[prediction.LabelIndex]);
/// </code>
/// </example>
/// <param name="model">The backbone.</param>
/// <param name="budget">Bounds of a batch; default <see cref="TokenBudget"/>'s own.</param>
public sealed class PromptPredictor(T5Model model, TokenBudget? budget = null)
{
    private readonly PromptedT5 _backbone = new(model);
    private readonly TokenBudget _budget = budget ?? new TokenBudget();

    /// <summary>Predicts inputs with an ensemble of prompts, each prompt over each input in the same batches.</summary>
    /// <param name="inputs">Token ids of each input, eos included.</param>
    /// <param name="prompts">At least one; null stands for the backbone alone.</param>
    /// <param name="labels">What to choose from.</param>
    /// <param name="ensembling">How the prompts are put together.</param>
    /// <param name="temperature">See <see cref="Calibration"/>.</param>
    /// <returns>A prediction for each input, in their order.</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
    public LabelPrediction[] Predict(
        IReadOnlyList<int[]> inputs, IReadOnlyList<SoftPrompt?> prompts, LabelSet labels, Ensembling ensembling = Ensembling.MeanLogLikelihood,
        double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfZero(prompts.Count);
        var rows = inputs.SelectMany(input => prompts.Select(prompt => new PromptedInput(input, prompt))).ToArray();
        var scores = Score(rows, [.. rows.Select(_ => labels)]);
        return [.. scores.Chunk(prompts.Count).Select(ofPrompts => LabelPrediction.Of(ofPrompts, ensembling, temperature))];
    }

    /// <summary>
    /// Scores rows that may differ in prompt and in labels. Rows of equal labels share batches: to score the labels of all rows for every
    /// row would cost more than it saves as soon as tasks differ.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">The labels of each row.</param>
    /// <returns>Log-likelihoods [row][label].</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
    public double[][] Score(IReadOnlyList<PromptedInput> rows, IReadOnlyList<LabelSet> labels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        if (rows.Count != labels.Count)
            throw new ArgumentException($"Expected labels for each of {rows.Count} rows, found {labels.Count}.", nameof(labels));
        return InBatches(rows, i => labels[i].Key, (indices, batch, prompts) => _backbone.ScoreLabels(batch, labels[indices[0]].Ids, prompts));
    }

    /// <summary>Greedy generation for rows that may differ in prompt.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How many tokens.</param>
    /// <returns>New tokens of each row, see <see cref="PromptedT5.Generate"/>.</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
    public int[][] Generate(IReadOnlyList<PromptedInput> rows, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return InBatches(rows, _ => "", (_, batch, prompts) => _backbone.Generate(batch, options, prompts));
    }

    /// <summary>A batch has rows of one kind, and either a prompt before every row or before none.</summary>
    private TResult[] InBatches<TResult>(
        IReadOnlyList<PromptedInput> rows, Func<int, string> kindOf, Func<int[], Batch, IReadOnlyList<SoftPrompt>?, TResult[]> compute)
    {
        var results = new TResult[rows.Count];
        foreach (var kind in Enumerable.Range(0, rows.Count).GroupBy(i => (kindOf(i), rows[i].Prompt is null)))
        {
            int[] members = [.. kind];
            foreach (var group in _budget.Group([.. members.Select(i => rows[i].Length)]))
            {
                int[] indices = [.. group.Select(i => members[i])];
                foreach (var prompt in indices.Select(i => rows[i].Prompt).OfType<SoftPrompt>())
                {
                    if (prompt.HiddenSize != model.Config.HiddenSize)
                        throw BackboneException.PromptWidth(prompt.HiddenSize, model.Config.HiddenSize);
                }

                using var batch = Batch.Of([.. indices.Select(i => new EncodedExample(rows[i].InputIds))], model.Config.PadId, model.Device);
                var computed = compute(indices, batch, kind.Key.Item2 ? null : [.. indices.Select(i => rows[i].Prompt!)]);
                for (var row = 0; row < indices.Length; row++)
                    results[indices[row]] = computed[row];
            }
        }

        return results;
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;

namespace ResidualPrompts.Scoring;

/// <summary>
/// Scores any number of examples with one prompt, or with a prompt per example. It batches them by length within a token budget and returns
/// results in the order of the examples. Rows of one batch may have different prompts of different lengths, so that many prompts cost one forward
/// pass instead of one each; results equal those of each row alone, to rounding. It borrows model and prompts. Like all tensor code, only one
/// thread at a time may use it.
/// </summary>
/// <example>
/// Two prompts over the same texts in one pass:
/// <code>
/// var scorer = new PromptScorer(backbone.Model);
/// var labels = LabelSet.Of(backbone.Tokenizer, ["review", "story"]);
/// var texts = new[] { "a clumsy script .", "two brothers travel to paris ." };
/// foreach (var scored in scorer.Predict([.. texts.Select(text => backbone.Tokenizer.Encode(text))], [first, second], labels))
///     Console.WriteLine(labels.Names[scored.LabelIndex]);
/// </code>
/// </example>
internal sealed class PromptScorer : IExampleScorer
{
    /// <summary>Number of examples that are sorted by length together; results come when the whole window is done.</summary>
    internal const int WindowSize = 1024;

    private readonly T5Model _model;
    private readonly SoftPrompt? _prompt;
    private readonly PromptedT5 _backbone;
    private readonly TokenBudget _budget;

    /// <summary>Creates a scorer.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="prompt">The prompt of examples without one; null = the backbone alone.</param>
    /// <param name="budget">Limits of a batch; default those of <see cref="TokenBudget"/>.</param>
    /// <exception cref="BackboneException">The prompt's width differs from the model's.</exception>
    public PromptScorer(T5Model model, SoftPrompt? prompt = null, TokenBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _prompt, _budget) = (model, prompt, budget ?? new TokenBudget());
        _backbone = new PromptedT5(model);
        CheckWidth(prompt);
    }

    /// <summary>Scores examples with the scorer's prompt, lazily, window by window.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="request">What to compute.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    public IEnumerable<ScoredExample> Score(
        IEnumerable<EncodedExample> examples, ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(request);
        return examples.Chunk(WindowSize)
            .SelectMany(window => InBatches([.. window.Select(example => Row.Of(example, _prompt, request))], cancellationToken));
    }

    /// <summary>
    /// Scores rows that may differ in prompt and in labels. Rows with equal labels share batches. Scoring all labels for every row would cost
    /// more than it saves as soon as tasks differ.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">The labels of each row.</param>
    /// <returns>One result per row, in order.</returns>
    /// <exception cref="BackboneException">A prompt's width differs from the model's.</exception>
    public ScoredExample[] Score(IReadOnlyList<PromptedInput> rows, IReadOnlyList<LabelSet> labels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        if (rows.Count != labels.Count)
            throw new ArgumentException($"Expected labels for each of {rows.Count} rows, found {labels.Count}.", nameof(labels));
        return InBatches([.. rows.Zip(labels, (row, ofRow) => Row.Of(row, new ScoringRequest(ofRow.Ids, null), ofRow.Key))], CancellationToken.None);
    }

    /// <summary>Generates greedily for rows that may differ in prompt.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">Generation options.</param>
    /// <returns>New tokens of each row, see <see cref="PromptedT5.Generate"/>.</returns>
    /// <exception cref="BackboneException">A prompt's width differs from the model's.</exception>
    public ScoredExample[] Generate(IReadOnlyList<PromptedInput> rows, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        var request = new ScoringRequest(null, options);
        return InBatches([.. rows.Select(row => Row.Of(row, request, ""))], CancellationToken.None);
    }

    /// <summary>Predicts inputs with an ensemble of prompts. All prompts of an input are scored in the same batches.</summary>
    /// <param name="inputs">Token ids of each input, including eos.</param>
    /// <param name="prompts">At least one; null stands for the backbone alone.</param>
    /// <param name="labels">The labels to choose from.</param>
    /// <param name="ensembling">How to combine the prompts' scores.</param>
    /// <param name="temperature">See <see cref="Calibration"/>.</param>
    /// <returns>One result per input, in order.</returns>
    /// <exception cref="BackboneException">A prompt's width differs from the model's.</exception>
    public ScoredExample[] Predict(
        IReadOnlyList<int[]> inputs, IReadOnlyList<SoftPrompt?> prompts, LabelSet labels, Ensembling ensembling = Ensembling.MeanLogLikelihood,
        double temperature = 1)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentOutOfRangeException.ThrowIfZero(prompts.Count);
        var rows = inputs.SelectMany(input => prompts.Select(prompt => new PromptedInput(input, prompt))).ToArray();
        var scored = Score(rows, [.. rows.Select(_ => labels)]);
        return [.. scored.Chunk(prompts.Count)
            .Select(ofPrompts => ScoredExample.Of([.. ofPrompts.Select(one => one.Scores!)], ensembling, temperature))];
    }

    /// <summary>A batch has rows of one kind, and a prompt before either every row or none.</summary>
    private ScoredExample[] InBatches(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        var results = new ScoredExample[rows.Count];
        foreach (var kind in Enumerable.Range(0, rows.Count).GroupBy(i => (rows[i].Kind, HasPrompt: rows[i].Prompt is not null)))
        {
            int[] members = [.. kind];
            foreach (var group in _budget.Group([.. members.Select(i => rows[i].Length)]))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int[] indices = [.. group.Select(i => members[i])];
                foreach (var (i, result) in indices.Zip(ScoreBatch([.. indices.Select(i => rows[i])])))
                    results[i] = result;
            }
        }

        return results;
    }

    private ScoredExample[] ScoreBatch(Row[] rows)
    {
        IReadOnlyList<SoftPrompt>? prompts = rows[0].Prompt is null ? null : [.. rows.Select(row => row.Prompt!)];
        foreach (var prompt in prompts?.Distinct() ?? [])
            CheckWidth(prompt);
        var request = rows[0].Request;
        using var batch = Batch.Of([.. rows.Select(row => row.Example)], _model.Config.PadId, _model.Device);
        var (generated, areFinite) = request.Generation is { } options ? _backbone.GenerateChecked(batch, options, prompts) : (null, null);
        var scores = request.Labels is { Count: > 0 } labels ? _backbone.ScoreLabels(batch, labels, prompts) : null;
        var byCandidates = scores is null && generated is null;
        return
        [
            .. rows.Select((row, i) =>
            {
                var ofRow = byCandidates ? ScoreCandidates(row) : scores?[i];
                return new ScoredExample(ofRow, generated?[i]) { IsFinite = (areFinite?[i] ?? true) && (ofRow?.All(double.IsFinite) ?? true) };
            }),
        ];
    }

    /// <summary>Candidates that differ by example are scored one example at a time: the decoder then runs over its candidates alone.</summary>
    private double[]? ScoreCandidates(Row row)
    {
        if (row.Example.CandidateIds is not { } candidates)
            return null;
        using var batch = Batch.Of([row.Example], _model.Config.PadId, _model.Device);
        return _backbone.ScoreLabels(batch, candidates, row.Prompt is { } prompt ? [prompt] : null)[0];
    }

    private void CheckWidth(SoftPrompt? prompt)
    {
        if (prompt is not null && prompt.HiddenSize != _model.Config.HiddenSize)
            throw BackboneException.PromptWidth(prompt.HiddenSize, _model.Config.HiddenSize);
    }

    /// <summary>The request for one example with one prompt; rows of equal kind have equal requests.</summary>
    private readonly record struct Row(EncodedExample Example, SoftPrompt? Prompt, int Length, ScoringRequest Request, string Kind)
    {
        internal static Row Of(EncodedExample example, SoftPrompt? prompt, ScoringRequest request) =>
            new(example, prompt, example.InputIds.Length + (prompt?.VirtualTokenCount ?? 0), request, "");

        internal static Row Of(PromptedInput input, ScoringRequest request, string kind) =>
            new(new EncodedExample(input.InputIds), input.Prompt, input.Length, request, kind);
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;

namespace ResidualPrompts.Scoring;

/// <summary>
/// Scores any number of examples before one prompt, or before a prompt of their own each: batches them by length within a token budget and gives
/// the results in the order of the examples. Rows of one batch may carry different prompts of different lengths, so that many prompts cost one
/// forward pass and not one each; results are those of each row alone, to rounding. It borrows model and prompts. Like all tensor code it is used
/// by one thread at a time.
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
public sealed class PromptScorer
{
    /// <summary>Examples that are sorted by length together; results come when the whole window is done.</summary>
    private const int WindowSize = 1024;

    private readonly T5Model _model;
    private readonly SoftPrompt? _prompt;
    private readonly PromptedT5 _backbone;
    private readonly TokenBudget _budget;

    /// <summary>Joins a model and the prompt of examples that bring none.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="prompt">The prompt; null = the backbone alone.</param>
    /// <param name="budget">Bounds of a batch; default <see cref="TokenBudget"/>'s own.</param>
    /// <exception cref="BackboneException">The prompt has another width than the model.</exception>
    public PromptScorer(T5Model model, SoftPrompt? prompt = null, TokenBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_model, _prompt, _budget) = (model, prompt, budget ?? new TokenBudget());
        _backbone = new PromptedT5(model);
        CheckWidth(prompt);
    }

    /// <summary>Scores examples before the scorer's prompt, lazily, window by window.</summary>
    /// <param name="examples">The examples.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    public IEnumerable<ScoredExample> Score(
        IEnumerable<EncodedExample> examples, ScoringRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(request);
        return examples.Chunk(WindowSize)
            .SelectMany(window => InBatches([.. window.Select(example => Row.Of(example, _prompt, request))], cancellationToken));
    }

    /// <summary>
    /// Scores rows that may differ in prompt and in labels. Rows of equal labels share batches: to score the labels of all rows for every
    /// row would cost more than it saves as soon as tasks differ.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">The labels of each row.</param>
    /// <returns>A result for each row, in their order.</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
    public ScoredExample[] Score(IReadOnlyList<PromptedInput> rows, IReadOnlyList<LabelSet> labels)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(labels);
        if (rows.Count != labels.Count)
            throw new ArgumentException($"Expected labels for each of {rows.Count} rows, found {labels.Count}.", nameof(labels));
        return InBatches([.. rows.Zip(labels, (row, ofRow) => Row.Of(row, new ScoringRequest(ofRow.Ids, null), ofRow.Key))], CancellationToken.None);
    }

    /// <summary>Greedy generation for rows that may differ in prompt.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="options">How many tokens.</param>
    /// <returns>New tokens of each row, see <see cref="PromptedT5.Generate"/>.</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
    public ScoredExample[] Generate(IReadOnlyList<PromptedInput> rows, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        var request = new ScoringRequest(null, options);
        return InBatches([.. rows.Select(row => Row.Of(row, request, ""))], CancellationToken.None);
    }

    /// <summary>Predicts inputs with an ensemble of prompts, each prompt over each input in the same batches.</summary>
    /// <param name="inputs">Token ids of each input, eos included.</param>
    /// <param name="prompts">At least one; null stands for the backbone alone.</param>
    /// <param name="labels">What to choose from.</param>
    /// <param name="ensembling">How the prompts are put together.</param>
    /// <param name="temperature">See <see cref="Calibration"/>.</param>
    /// <returns>A result for each input, in their order.</returns>
    /// <exception cref="BackboneException">A prompt has another width than the model.</exception>
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

    /// <summary>A batch has rows of one kind, and either a prompt before every row or before none.</summary>
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

    /// <summary>Candidates that differ by example are scored example by example: the decoder then runs over them alone.</summary>
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

    /// <summary>What is asked of one example before one prompt; rows of equal kind have equal requests.</summary>
    private readonly record struct Row(EncodedExample Example, SoftPrompt? Prompt, int Length, ScoringRequest Request, string Kind)
    {
        internal static Row Of(EncodedExample example, SoftPrompt? prompt, ScoringRequest request) =>
            new(example, prompt, example.InputIds.Length + (prompt?.VirtualTokenCount ?? 0), request, "");

        internal static Row Of(PromptedInput input, ScoringRequest request, string kind) =>
            new(new EncodedExample(input.InputIds), input.Prompt, input.Length, request, kind);
    }
}

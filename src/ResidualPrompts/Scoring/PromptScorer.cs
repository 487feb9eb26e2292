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
        return examples.Chunk(WindowSize).SelectMany(window => ScoreEach([this], window, request, cancellationToken)[0]);
    }

    /// <summary>
    /// Scores one window of examples with several scorers, each with its prompt. Scorers with the same model and equally long prompts cut the same
    /// batches; these are put together once. Every forward pass is the one that the scorer makes alone, so the scores are the same bits.
    /// </summary>
    /// <param name="scorers">The scorers.</param>
    /// <param name="window">At most <see cref="WindowSize"/> examples.</param>
    /// <param name="request">What to compute.</param>
    /// <param name="cancellationToken">Checked before each batch.</param>
    /// <returns>Results [scorer][example].</returns>
    internal static ScoredExample[][] ScoreEach(
        IReadOnlyList<PromptScorer> scorers, IReadOnlyList<EncodedExample> window, ScoringRequest request, CancellationToken cancellationToken)
    {
        ScoredExample[][] results = [.. scorers.Select(_ => new ScoredExample[window.Count])];
        foreach (var alike in Enumerable.Range(0, scorers.Count).GroupBy(i => (scorers[i]._model, scorers[i]._budget, scorers[i].VirtualTokenCount)))
        {
            var first = scorers[alike.First()];
            foreach (var indices in first.Cut([.. window.Select(example => Row.Of(example, first._prompt, request).Length)], request))
            {
                EncodedExample[] examples = [.. indices.Select(i => window[i])];
                using var batch = first.BatchOf(examples);
                foreach (var scorer in alike)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Row[] rows = [.. examples.Select(example => Row.Of(example, scorers[scorer]._prompt, request))];
                    foreach (var (i, result) in indices.Zip(scorers[scorer].ScoreBatch(batch, rows)))
                        results[scorer][i] = result;
                }
            }
        }

        return results;
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
                Row[] ofBatch = [.. indices.Select(i => rows[i])];
                foreach (var prompt in ofBatch.Select(row => row.Prompt).Distinct())
                    CheckWidth(prompt);
                using var batch = BatchOf([.. ofBatch.Select(row => row.Example)]);
                foreach (var (i, result) in indices.Zip(ScoreBatch(batch, ofBatch)))
                    results[i] = result;
            }
        }

        return results;
    }

    /// <summary>Virtual tokens of the scorer's prompt; null without one.</summary>
    private int? VirtualTokenCount => _prompt?.VirtualTokenCount;

    /// <summary>
    /// The examples of each batch. Candidates that differ by example are scored one example at a time: the decoder then runs over its candidates
    /// alone.
    /// </summary>
    private IEnumerable<int[]> Cut(IReadOnlyList<int> lengths, ScoringRequest request) =>
        request.IsByCandidates ? _budget.Group(lengths).SelectMany(group => group).Select(i => new[] { i }) : _budget.Group(lengths);

    private Batch BatchOf(IReadOnlyList<EncodedExample> examples) => Batch.Of(examples, _model.Config.PadId, _model.Device);

    /// <summary>Scores a batch; its rows have equal requests, and all of them have a prompt or none has.</summary>
    private ScoredExample[] ScoreBatch(Batch batch, Row[] rows)
    {
        IReadOnlyList<SoftPrompt>? prompts = rows[0].Prompt is null ? null : [.. rows.Select(row => row.Prompt!)];
        var request = rows[0].Request;
        var (generated, areFinite) = request.Generation is { } options ? _backbone.GenerateChecked(batch, options, prompts) : (null, null);
        var labels = request.IsByCandidates ? rows[0].Example.CandidateIds : request.Labels;
        var scores = labels is { Count: > 0 } ? _backbone.ScoreLabels(batch, labels, prompts) : null;
        return
        [
            .. rows.Select((_, i) => new ScoredExample(scores?[i], generated?[i])
            {
                IsFinite = (areFinite?[i] ?? true) && (scores?[i].All(double.IsFinite) ?? true),
            }),
        ];
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

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Scoring;

/// <summary>
/// A T5 with a soft prompt before its input: loss, label scores and generation. It borrows both and disposes neither. With a list of prompts, every
/// example of a batch has its own prompt, and prompts may differ in length.
/// </summary>
internal sealed class PromptedT5
{
    private const int MaxLabelTokens = 4096;
    private readonly T5Model _model;
    private readonly SoftPrompt? _prompt;

    /// <summary>Combines a model and a prompt.</summary>
    /// <param name="model">The backbone.</param>
    /// <param name="prompt">The prompt of every example, or null for the backbone alone.</param>
    /// <exception cref="BackboneException">The prompt's width differs from the model's.</exception>
    public PromptedT5(T5Model model, SoftPrompt? prompt = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (prompt is not null && prompt.HiddenSize != model.Config.HiddenSize)
            throw BackboneException.PromptWidth(prompt.HiddenSize, model.Config.HiddenSize);
        (_model, _prompt) = (model, prompt);
    }

    /// <summary>The backbone.</summary>
    public T5Model Model => _model;

    /// <summary>The prompt of every example, or null for the backbone alone.</summary>
    public SoftPrompt? Prompt => _prompt;

    /// <summary>Virtual tokens before each example.</summary>
    public int VirtualTokenCount => _prompt?.VirtualTokenCount ?? 0;

    /// <summary>
    /// Mean cross-entropy over all target tokens of the batch except ignored ones (one mean over the batch, not a mean of row means).
    /// </summary>
    /// <param name="batch">Examples with targets.</param>
    /// <param name="dropout">Dropout of the backbone during training, or null.</param>
    /// <param name="networkDropout">Dropout inside the prompt's network during training, or null.</param>
    /// <returns>A scalar tensor, connected to the trainable parameters.</returns>
    public Tensor Loss(Batch batch, Dropout? dropout = null, Dropout? networkDropout = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        return LossOf(TargetLogits(batch, dropout, networkDropout), batch).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the gradients of a batch's loss to those of all trainable parameters.</summary>
    /// <param name="batch">Examples with targets.</param>
    /// <param name="weight">Weight of the loss, for a batch that is computed in parts.</param>
    /// <param name="dropout">Dropout of the backbone during training, or null.</param>
    /// <param name="networkDropout">Dropout inside the prompt's network during training, or null.</param>
    /// <param name="checkpointing">
    /// Whether the encoder's blocks are recomputed for their gradients, one after another, instead of being stored. This takes the memory of one
    /// block instead of all, for one more forward pass.
    /// </param>
    /// <returns>The loss before weighting.</returns>
    public double Backward(Batch batch, double weight = 1, Dropout? dropout = null, Dropout? networkDropout = null, bool checkpointing = false)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        if (!checkpointing)
        {
            var whole = Loss(batch, dropout, networkDropout);
            T5Model.Backward(whole * weight);
            return whole.item<float>();
        }

        var input = InputOf(batch, null, networkDropout);
        var encoding = _model.EncodeCheckpointed(input, dropout);
        var loss = LossOf(_model.Decode(_model.ShiftRight(TargetsOf(batch)), encoding.States, input.Lengths, dropout: dropout), batch);
        T5Model.Backward(loss * weight);
        encoding.Backward();
        return loss.item<float>();
    }

    /// <summary>Logits [B, L, V] of a batch's targets, each given the preceding targets.</summary>
    /// <param name="batch">Examples with targets.</param>
    /// <param name="dropout">Dropout of the backbone during training, or null.</param>
    /// <param name="networkDropout">Dropout inside the prompt's network during training, or null.</param>
    public Tensor TargetLogits(Batch batch, Dropout? dropout = null, Dropout? networkDropout = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var targets = TargetsOf(batch);
        using var scope = NewDisposeScope();
        var (states, lengths) = Encode(batch, null, dropout, networkDropout);
        return _model.Decode(_model.ShiftRight(targets), states, lengths, dropout: dropout).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Log-likelihood of every label for every example, log p(label | prompt, input): the sum over all tokens of the label. The encoder runs
    /// once, and one teacher-forced pass of the decoder scores all labels side by side (several passes when there are very many).
    /// </summary>
    /// <param name="batch">Examples; their targets are ignored.</param>
    /// <param name="labels">Token ids of each label, including eos if it counts; none is empty.</param>
    /// <param name="prompts">A prompt per example instead of the model's, or null.</param>
    /// <returns>Scores [example][label].</returns>
    public double[][] ScoreLabels(Batch batch, IReadOnlyList<int[]> labels, IReadOnlyList<SoftPrompt>? prompts = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0 || labels.Any(label => label.Length == 0))
            throw new ArgumentException("Expected at least one label, and at least one token in each.", nameof(labels));
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var (states, lengths) = Encode(batch, prompts);
        var scores = InGroups(labels, batch.Count).Select(group => ScoreGroup(states, lengths, group)).ToArray();
        return [.. Enumerable.Range(0, batch.Count).Select(row => scores.SelectMany(group => group[row]).ToArray())];
    }

    /// <summary>Greedy generation: at each step the token of highest probability, the lowest id at a tie.</summary>
    /// <param name="batch">Examples; their targets are ignored.</param>
    /// <param name="options">Generation options.</param>
    /// <param name="prompts">A prompt per example instead of the model's, or null.</param>
    /// <returns>New tokens of each example, without the start token and padding, ended by eos unless it is ignored or the limit came first.</returns>
    public int[][] Generate(Batch batch, GenerationOptions options, IReadOnlyList<SoftPrompt>? prompts = null) =>
        GenerateChecked(batch, options, prompts).Ids;

    /// <summary>As above; also says whether each example's logits were finite.</summary>
    internal (int[][] Ids, bool[] AreFinite) GenerateChecked(Batch batch, GenerationOptions options, IReadOnlyList<SoftPrompt>? prompts = null)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentNullException.ThrowIfNull(options);
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var (states, lengths) = Encode(batch, prompts);
        using var session = _model.StartDecoding(states, lengths, options.MaxNewTokens);
        return GreedyDecoding.Run(session, batch.Count, _model.Config, _model.Device, options);
    }

    /// <summary>Groups the labels so that the logits of one pass, [B, N, V], have a bounded size.</summary>
    private static IEnumerable<List<int[]>> InGroups(IReadOnlyList<int[]> labels, int batchSize)
    {
        var group = new List<int[]>();
        var tokens = 0;
        foreach (var label in labels)
        {
            if (group.Count > 0 && (tokens + label.Length) * batchSize > MaxLabelTokens)
            {
                yield return group;
                (group, tokens) = ([], 0);
            }

            group.Add(label);
            tokens += label.Length;
        }

        yield return group;
    }

    private double[][] ScoreGroup(Tensor states, int[] lengths, List<int[]> labels)
    {
        using var scope = NewDisposeScope();
        long batchSize = lengths.Length;
        var targets = Ids(labels.SelectMany(label => label)); // i64[N]
        var inputs = Ids(labels.SelectMany(label => label[..^1].Prepend(_model.Config.DecoderStartId))); // i64[N]
        var layout = TargetLayout.SideBySide(labels.Select(label => label.Length));
        var logits = _model.Decode(inputs.expand(batchSize, -1), states, lengths, layout).to_type(ScalarType.Float32); // [B, N, V]
        var chosen = logits.gather(-1, targets.view(1, -1, 1).expand(batchSize, -1, 1)).squeeze(-1); // [B, N]
        var ofTokens = (chosen - logits.logsumexp(-1)).to_type(ScalarType.Float64);
        var ofLabels = ofTokens.split([.. labels.Select(label => (long)label.Length)], 1).Select(tokens => tokens.sum(1)).ToArray(); // C × [B]
        return [.. stack(ofLabels, 1).cpu().data<double>().ToArray().Chunk(labels.Count)];
    }

    private Tensor Ids(IEnumerable<int> ids) => tensor(ids.Select(id => (long)id).ToArray(), device: _model.Device);

    private static Tensor TargetsOf(Batch batch) => batch.TargetIds ?? throw new ArgumentException("The batch has no targets.", nameof(batch));

    private static Tensor LossOf(Tensor logits, Batch batch) =>
        nn.functional.cross_entropy(logits.flatten(0, 1), batch.TargetIds!.flatten(), ignore_index: Batch.IgnoredId);

    private (Tensor States, int[] Lengths) Encode(
        Batch batch, IReadOnlyList<SoftPrompt>? prompts, Dropout? dropout = null, Dropout? networkDropout = null)
    {
        var input = InputOf(batch, prompts, networkDropout);
        return (_model.Encode(input, dropout), input.Lengths);
    }

    /// <summary>Prompt and text of each example. A prompt that several examples share is computed once.</summary>
    private EncoderInput InputOf(Batch batch, IReadOnlyList<SoftPrompt>? prompts, Dropout? networkDropout)
    {
        SoftPrompt[] distinct = prompts is not null ? [.. prompts.Distinct()] : _prompt is not null ? [_prompt] : [];
        var rows = distinct.Select(prompt => prompt.Forward(networkDropout is null ? null : networkDropout.Apply)).ToArray(); // each [P, H]
        int[] promptOf = prompts is not null ? [.. prompts.Select(prompt => Array.IndexOf(distinct, prompt))] : new int[batch.Count];
        if (!_model.Takes(ComputeShortcuts.SharedFirstLayer) && rows.Length > 0)
        {
            var (joined, lengths) = PromptInsertion.Prepend(
                [.. promptOf.Select(prompt => rows[prompt])], _model.Embed(batch.InputIds), batch.InputLengths);
            return EncoderInput.OfPadded(joined, lengths);
        }

        var embedded = _model.Embed(batch.PackedInputIds); // [sum of the lengths, H]
        return rows.Length == 0 ? EncoderInput.Of(embedded, batch.InputLengths) : EncoderInput.Of(rows, promptOf, embedded, batch.InputLengths);
    }
}

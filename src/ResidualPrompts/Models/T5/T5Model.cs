using System.Diagnostics.CodeAnalysis;
using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Profiling;
using ResidualPrompts.Models.T5.Modules;
using ResidualPrompts.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>
/// A T5 (Raffel et al. 2020, arXiv 1910.10683), version 1.0 or 1.1, that encodes and decodes embedded rows. One class serves frozen and trainable
/// models: weights take gradients only after <see cref="Train"/>, and nothing is dropped unless a <see cref="Dropout"/> is passed. Methods are
/// synchronous, and only one thread at a time may call them. Results belong to the caller's dispose scope.
/// </summary>
internal sealed class T5Model : IDisposable
{
    private Dictionary<string, Tensor> _weights;
    private Encoder _encoder;
    private Decoder _decoder;
    private readonly bool _ownsWeights = true;
    private T5Computation _computation;
    private TensorOps _ops;

    private T5Model(T5Config config, IReadOnlyDictionary<string, Tensor> weights, T5Computation computation, bool isPrepared, bool ownsWeights = true)
    {
        (Config, IsPrepared, _ownsWeights) = (config, isPrepared, ownsWeights);
        Use(weights, computation);
    }

    /// <summary>Creates a model from weights, which it takes ownership of.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="weights">Every weight by its Hugging Face key, with its shape in <see cref="WeightShapes"/>.</param>
    /// <exception cref="ArgumentException">A weight is missing or has another shape.</exception>
    public T5Model(T5Config config, IReadOnlyDictionary<string, Tensor> weights)
        : this(config, weights, new T5Computation())
    {
    }

    internal T5Model(T5Config config, IReadOnlyDictionary<string, Tensor> weights, T5Computation computation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        foreach (var (name, shape) in T5WeightNames.Shapes(config))
        {
            if (!weights.TryGetValue(name, out var weight) || !weight.shape.AsSpan().SequenceEqual(shape))
                throw new ArgumentException($"Weight {name} is missing or not of shape [{string.Join(", ", shape)}].", nameof(weights));
        }

        Config = config;
        Use(weights, computation);
    }

    /// <summary>The shape of the model.</summary>
    public T5Config Config { get; }

    /// <summary>The device of the weights.</summary>
    public Device Device => Embedding.device;

    /// <summary>Element type of weights and activations.</summary>
    public ScalarType ElementType => Embedding.dtype;

    /// <summary>Every weight by its Hugging Face key, tied ones once; for a frozen model, the prepared weights.</summary>
    public IReadOnlyDictionary<string, Tensor> Weights => _weights;

    private Tensor Embedding => _weights[T5WeightNames.Embedding]; // [V, H]

    /// <summary>Key and shape of every weight of a model with this config, in the order in which the model uses them.</summary>
    /// <param name="config">The shape.</param>
    public static IReadOnlyDictionary<string, long[]> WeightShapes(T5Config config) => T5WeightNames.Shapes(config);

    /// <summary>Loads a Hugging Face folder: <c>config.json</c> and <c>model.safetensors</c>, or its shards. The weights are frozen.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="device">The device; default the CPU.</param>
    /// <param name="type">Element type; default bfloat16 on a GPU and float32 on a CPU. T5 overflows in float16, which is refused.</param>
    /// <exception cref="T5ConfigException">The config is missing or broken.</exception>
    /// <exception cref="CheckpointException">The weights are missing, broken, or do not match the config.</exception>
    public static T5Model Load(string folder, Device? device = null, ScalarType? type = null) => Load(folder, new T5Computation(), device, type);

    internal static T5Model Load(string folder, T5Computation computation, Device? device = null, ScalarType? type = null)
    {
        var config = T5Config.Load(folder);
        device ??= CPU;
        var elementType = type ?? (device.type == DeviceType.CPU ? ScalarType.Float32 : ScalarType.BFloat16);
        if (elementType is not (ScalarType.Float32 or ScalarType.BFloat16))
            throw new ArgumentOutOfRangeException(nameof(type), elementType, "T5 runs in float32 or bfloat16.");
        using var scope = NewDisposeScope();
        using var checkpoint = Checkpoint.Open(folder);
        config = T5WeightNames.WithOutputLayerOf(checkpoint, config);
        var weights = T5WeightNames.Layout(config).Load(checkpoint);
        return new T5Model(config, weights.ToDictionary(pair => pair.Key, pair => pair.Value.to(elementType, device)), computation);
    }

    /// <summary>How the model computes.</summary>
    public ComputeMode Mode => _computation.Mode;

    /// <summary>
    /// Whether products with the layers' weights are computed in 8-bit integers while gradients are off, for scoring that may be slightly less
    /// exact. A weight has one scale per row; its left operand also has one per row, computed from the row (dynamic quantization). Attention, the
    /// keys and values of cross-attention, and the output layer stay in float32. It needs a quarter more memory for weights. It is not for a
    /// model that trains, whose scores between steps would be those of another model.
    /// </summary>
    public bool UsesInt8 => _computation.Int8;

    /// <summary>The instruction set that computes in 8-bit integers, or null; numbers differ between them.</summary>
    public string? Int8Kernel => UsesInt8 ? ComputeChoice.Int8Kernel : null;

    /// <summary>Whether the weights are prepared for speed and can no longer train.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>
    /// Loads a Hugging Face folder for a model that never trains, in float32 on the CPU. It acts as
    /// <see cref="Load(string, Device, ScalarType?)"/> followed by <see cref="Freeze(ComputeMode)"/>, but uses the cache of prepared weights
    /// where possible.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="mode">How to compute.</param>
    /// <exception cref="T5ConfigException">The config is missing or broken.</exception>
    /// <exception cref="CheckpointException">The weights are missing, broken, or do not match the config.</exception>
    public static T5Model LoadFrozen(string folder, ComputeMode mode = ComputeMode.Packed) =>
        LoadFrozen(folder, new T5Computation { Mode = mode }, usesCache: true);

    internal static T5Model LoadFrozen(string folder, T5Computation computation, bool usesCache)
    {
        if (usesCache && computation.Mode != ComputeMode.Straightforward)
        {
            var config = T5Config.Load(folder);
            if (PreparedWeightCache.Get(folder, config) is { } prepared)
                return new T5Model(config.WithOutputLayer(!prepared.ContainsKey(T5WeightNames.Output)), prepared, computation, isPrepared: true);
        }

        var model = Load(folder, computation with { Int8 = false });
        model.Freeze(computation);
        return model;
    }

    /// <summary>Freezes the weights and prepares them for speed. They can no longer train.</summary>
    /// <param name="mode">How to compute; <see cref="ComputeMode.Straightforward"/> leaves the weights as they are.</param>
    public void Freeze(ComputeMode mode = ComputeMode.Packed) => Freeze(_computation with { Mode = mode });

    internal void Freeze(T5Computation computation)
    {
        Train(_ => false);
        if (computation.Mode == ComputeMode.Straightforward || IsPrepared)
        {
            Use(_weights, computation);
            return;
        }

        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var prepared = new Dictionary<string, Tensor>();
        foreach (var key in WeightPreparation.Shapes(Config).Keys)
        {
            var weight = prepared[key] = WeightPreparation.Make(key, _weights, Config);
            foreach (var source in WeightPreparation.Sources(key).Select(name => _weights[name]).Where(source => !ReferenceEquals(source, weight)))
                source.Dispose(); // at once, so that memory never holds all weights twice
        }

        foreach (var gain in _weights.Keys.Except(prepared.Keys).Select(name => _weights[name]))
            gain.Dispose();
        IsPrepared = true;
        Use(prepared, computation);
    }

    /// <summary>A model with the same weights that computes differently, for comparison. This model must outlive it.</summary>
    internal T5Model Variant(Func<T5Computation, T5Computation> change) =>
        new(Config, _weights, change(_computation), IsPrepared, ownsWeights: false);

    /// <summary>The instruction set of products with frozen weights, <c>avx512</c> or <c>avx2</c>; null where libtorch multiplies.</summary>
    internal string? ProductKernel => _computation.KernelsOfMode.NormedLinear is null ? null : ComputeChoice.ManagedInstructions;

    /// <summary>Adds a value's gradients to those of all trainable parameters. Exceptions of managed gradients are thrown here.</summary>
    internal static void Backward(Tensor value) => BackwardFailure.Backward(value);

    /// <summary>Throws the exception that a backward pass of this thread left, if its caller has not: the gradients are wrong.</summary>
    internal static void ThrowIfBackwardFailed() => BackwardFailure.Rethrow();

    /// <summary>
    /// For a run's record: the policy, what the choice rests on, then who computes each operation. Managed kernels leave trainable weights to
    /// libtorch.
    /// </summary>
    internal IEnumerable<KeyValuePair<string, string>> DescribeCompute()
    {
        var kernels = _computation.KernelsOfMode;
        var trainedCount = _weights.Values.Count(weight => weight.requires_grad);
        string Name(Operations operation) => kernels.NameOf(operation) is var name
            && (trainedCount == 0 || name == OperationKernels.LibTorchName) ? name
            : trainedCount == _weights.Count ? OperationKernels.LibTorchName
            : name + OperationKernels.WhereWeightsTrain;
        return
        [
            new("policy", ComputeChoice.NameOf(kernels.Policy)), new("basis", kernels.Basis),
            .. OperationNames.All.Select(operation => KeyValuePair.Create(operation.Value, Name(operation.Key))),
        ];
    }

    /// <summary>Selects the weights that take gradients; all others are frozen.</summary>
    /// <param name="selects">Selects by Hugging Face key.</param>
    /// <exception cref="InvalidOperationException">The weights are prepared for speed, and one is selected.</exception>
    public void Train(Func<string, bool> selects)
    {
        ArgumentNullException.ThrowIfNull(selects);
        if (IsPrepared && _weights.Keys.Any(selects))
            throw new InvalidOperationException("The model is frozen: its weights were prepared for speed and cannot train.");
        foreach (var (name, weight) in _weights)
            weight.requires_grad_(selects(name));
    }

    /// <summary>Embeds token ids: i64[B, T] → [B, T, H].</summary>
    /// <param name="ids">Token ids below the vocabulary size.</param>
    public Tensor Embed(Tensor ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var scope = NewDisposeScope();
        return Embedding.index_select(0, ids.flatten()).view([.. ids.shape, Config.HiddenSize]).MoveToOuterDisposeScope();
    }

    /// <summary>Encodes embedded rows.</summary>
    /// <param name="inputs">[B, S, H]; each example's rows come first, the rows after them are ignored.</param>
    /// <param name="lengths">Valid rows of each example, 1 to S.</param>
    /// <param name="dropout">Dropout during training, or null.</param>
    /// <returns>States [B, S, H]; rows beyond an example's length are undefined.</returns>
    public Tensor Encode(Tensor inputs, ReadOnlySpan<int> lengths, Dropout? dropout = null) => Encode(inputs, lengths, dropout, null);

    internal Tensor Encode(Tensor inputs, ReadOnlySpan<int> lengths, Dropout? dropout, ICollection<Tensor>? trace)
    {
        CheckLengths(inputs, lengths);
        using var scope = NewDisposeScope();
        var states = Encode(EncoderInput.OfPadded(inputs, lengths.ToArray()), dropout, (int)inputs.shape[1], trace);
        foreach (var traced in trace ?? [])
            traced.MoveToOuterDisposeScope();
        return states.MoveToOuterDisposeScope();
    }

    /// <summary>Encodes embedded rows, some of which are shared.</summary>
    /// <param name="input">Embedded rows.</param>
    /// <param name="dropout">Dropout during training, or null.</param>
    /// <returns>States [B, longest, H].</returns>
    internal Tensor Encode(EncoderInput input, Dropout? dropout)
    {
        using var scope = NewDisposeScope();
        return Encode(input, dropout, input.Lengths.Max(), null).MoveToOuterDisposeScope();
    }

    /// <summary>Encodes, and keeps little for the gradient.</summary>
    /// <exception cref="InvalidOperationException">The model computes in int8, which the recomputation for the gradient would not.</exception>
    internal CheckpointedEncoding EncodeCheckpointed(EncoderInput input, Dropout? dropout) => UsesInt8
        ? throw new InvalidOperationException("A model that computes in int8 is for scoring, not for gradient checkpointing.")
        : new(_encoder, input, LayoutOf(input, input.Lengths.Max()), dropout);

    /// <summary>Decodes known targets: the logits of every target token, given the preceding ones.</summary>
    /// <param name="targetInputs">Decoder inputs i64[B, N], usually <see cref="ShiftRight"/> of the targets.</param>
    /// <param name="states">Encoder states [B, S, H].</param>
    /// <param name="lengths">Valid states of each example.</param>
    /// <param name="layout">The sequences of the N positions; default one sequence.</param>
    /// <param name="dropout">Dropout during training, or null.</param>
    /// <returns>Logits [B, N, V].</returns>
    public Tensor Decode(Tensor targetInputs, Tensor states, ReadOnlySpan<int> lengths, TargetLayout? layout = null, Dropout? dropout = null)
    {
        using var scope = NewDisposeScope();
        return Logits(DecodeStates(targetInputs, states, lengths, layout, dropout, null)).MoveToOuterDisposeScope();
    }

    internal Tensor DecodeStates(
        Tensor targetInputs, Tensor states, ReadOnlySpan<int> lengths, TargetLayout? layout, Dropout? dropout, ICollection<Tensor>? trace)
    {
        CheckLengths(states, lengths);
        using var part = StepProfile.Within(StepProfile.Decoder);
        layout ??= TargetLayout.OneSequence((int)targetInputs.shape[1]);
        var positions = tensor(layout.Positions, device: Device);
        var width = (int)targetInputs.shape[1];
        var traced = trace is null ? null : new List<Tensor>();
        var targets = new DecoderTargets(Embed(targetInputs).flatten(0, 1), width, positions, layout.Mask(ElementType, Device));
        var rows = _decoder.Forward(targets, states, lengths, dropout, Absorbs, traced);
        Tensor ByExample(Tensor flat) => flat.view(-1, width, Config.HiddenSize);
        foreach (var flat in traced ?? [])
            trace!.Add(ByExample(flat));
        return ByExample(rows);
    }

    /// <summary>Starts greedy or sampled generation; see <see cref="DecoderSession"/>.</summary>
    /// <param name="states">Encoder states [B, S, H]; must outlive the session.</param>
    /// <param name="lengths">Valid states of each example.</param>
    /// <param name="maxNewTokens">Maximum number of steps.</param>
    public DecoderSession StartDecoding(Tensor states, ReadOnlySpan<int> lengths, int maxNewTokens)
    {
        CheckLengths(states, lengths);
        return new DecoderSession(this, _decoder, states, lengths, maxNewTokens, Absorbs);
    }

    /// <summary>Decoder inputs for targets i64[B, L]: the start id, then all targets but the last; ignored targets (-100) become padding.</summary>
    /// <param name="targetIds">Target ids, -100 where ignored.</param>
    public Tensor ShiftRight(Tensor targetIds)
    {
        using var scope = NewDisposeScope();
        var start = full(targetIds.shape[0], 1, Config.DecoderStartId, ScalarType.Int64, targetIds.device);
        var shifted = cat([start, targetIds.narrow(1, 0, targetIds.shape[1] - 1)], 1); // [B, L]
        return shifted.masked_fill(shifted.lt(0), Config.PadId).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ops.Dispose();
        if (!_ownsWeights)
            return;
        foreach (var weight in _weights.Values)
            weight.Dispose();
    }

    /// <summary>Whether a shortcut is taken.</summary>
    internal bool Takes(ComputeShortcuts shortcut) => _computation.Takes(shortcut);

    /// <summary>Decoder states [..., H] → logits [..., V]. T5 1.0 scales states by H^-0.5 first.</summary>
    internal Tensor Logits(Tensor states)
    {
        using var part = StepProfile.Within(StepProfile.OutputLayer);
        return _ops.Linear(
            Config.ScalesDecoderStates ? states * Config.DecoderStateScale : states,
            Config.TiedEmbeddings ? Embedding : _weights[T5WeightNames.Output]);
    }

    internal RelativePositionBias PositionBias(bool ofEncoder) => ofEncoder ? _encoder.PositionBias : _decoder.PositionBias;

    private bool Absorbs => Takes(ComputeShortcuts.AbsorbedCrossAttention);

    [MemberNotNull(nameof(_weights), nameof(_encoder), nameof(_decoder), nameof(_ops), nameof(_computation))]
    private void Use(IReadOnlyDictionary<string, Tensor> weights, T5Computation computation)
    {
        var embedding = weights[T5WeightNames.Embedding];
        if (computation.Int8 && (!IsPrepared || embedding.dtype != ScalarType.Float32 || embedding.device_type != DeviceType.CPU))
            throw new InvalidOperationException("Products in int8 are for a frozen model that is prepared for speed, in float32 on the CPU.");
        _ops?.Dispose();
        _weights = weights.ToDictionary(pair => pair.Key, pair => pair.Value.DetachFromDisposeScope());
        (_computation, _ops) = (computation, new TensorOps(computation.KernelsOfMode, computation.Int8 ? ComputeChoice.MakeInt8() : null));
        var root = new WeightScope(_weights);
        _encoder = new Encoder(Config, root.In("encoder"), _ops);
        _decoder = new Decoder(Config, root.In("decoder"), _ops);
    }

    private RowLayout LayoutOf(EncoderInput input, int width) =>
        Mode == ComputeMode.Packed ? RowLayout.Packed(input.Lengths) : RowLayout.Padded(input.Lengths, width);

    private Tensor Encode(EncoderInput input, Dropout? dropout, int width, ICollection<Tensor>? trace)
    {
        var layout = LayoutOf(input, width);
        var traced = trace is null ? null : new List<Tensor>();
        var states = _encoder.Forward(input, layout, dropout, traced);
        foreach (var rows in traced ?? [])
            trace!.Add(layout.Unpack(rows, width));
        return layout.Unpack(states, width);
    }

    private void CheckLengths(Tensor rows, ReadOnlySpan<int> lengths)
    {
        if (rows.dim() != 3 || rows.shape[2] != Config.HiddenSize || rows.shape[0] != lengths.Length)
        {
            throw new ArgumentException(
                $"Expected rows [{lengths.Length}, S, {Config.HiddenSize}] for {lengths.Length} lengths, found [{string.Join(", ", rows.shape)}].",
                nameof(rows));
        }

        foreach (var length in lengths)
        {
            if (length < 1 || length > rows.shape[1])
                throw new ArgumentOutOfRangeException(nameof(lengths), length, $"An example has 1 to {rows.shape[1]} rows.");
        }
    }
}

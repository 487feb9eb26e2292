using System.Diagnostics;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Profiling;

/// <summary>
/// Divides the time of one thread among named parts. At every moment one part runs, so the parts add up to the time from <see cref="Start"/> to
/// <see cref="Stop"/>. Without a profile on the thread, nothing is measured and nothing changes.
/// </summary>
/// <remarks>
/// The backward pass of an operation is measured by <see cref="ProfileMark"/> on its operands and its result. libtorch's engine computes on the
/// calling thread, later operations first, so nothing else comes between the two.
/// </remarks>
internal sealed class StepProfile
{
    internal const string Batching = "batching";
    internal const string Update = "gradient norm, update";
    internal const string Norms = "norms";
    internal const string Attention = "attention";
    internal const string Dropout = "dropout";
    internal const string CrossAttention = "cross-attention";
    internal const string Decoder = "decoder";
    internal const string OutputLayer = "output layer";
    internal const string Other = "other";

    [ThreadStatic]
    private static StepProfile? _current;

    private readonly Dictionary<string, Part> _parts = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private string _running;
    private string _rest = Other;
    private long _since;

    private StepProfile(string part) => (_running, _since) = (part, _start);

    /// <summary>One part of the time.</summary>
    internal sealed class Part
    {
        /// <summary>Ticks of the stopwatch.</summary>
        internal long Ticks { get; set; }

        /// <summary>Operations of its products with weights, a multiplication and an addition being two.</summary>
        internal double Flops { get; set; }
    }

    /// <summary>Starts a profile of the calling thread.</summary>
    /// <param name="part">The part that runs first.</param>
    internal static void Start(string part) => _current = new StepProfile(part);

    /// <summary>Ends the thread's profile.</summary>
    /// <returns>The parts, and the ticks of all of them, which are those since the start.</returns>
    internal static (IReadOnlyDictionary<string, Part> Parts, long Ticks) Stop()
    {
        var profile = _current ?? throw new InvalidOperationException("No profile runs on this thread.");
        _current = null;
        profile.Switch(profile._running);
        return (profile._parts, profile._since - profile._start);
    }

    /// <summary>Another part runs from now on; what follows and belongs to no part is <see cref="Other"/>.</summary>
    internal static void Enter(string part)
    {
        if (_current is not { } profile)
            return;
        profile._rest = Other;
        profile.Switch(part);
    }

    /// <summary>Within the returned object's life, everything but cross-attention is one part.</summary>
    internal static Span Within(string part)
    {
        if (_current is not { } profile)
            return default;
        var span = new Span(profile, profile._running, profile._rest);
        profile._rest = part;
        profile.Switch(part);
        return span;
    }

    /// <summary>Measures a product with a weight, forward and backward.</summary>
    /// <param name="rows">[..., K]</param>
    /// <param name="weight">[N, K]</param>
    /// <param name="compute">Computes it from rows.</param>
    internal static Tensor Product(Tensor rows, Tensor weight, Func<Tensor, Tensor> compute) => _current is { } profile
        ? profile.Time($"product {weight.shape[1]} → {weight.shape[0]}", 2.0 * rows.numel() * weight.shape[0], weight, compute, rows)
        : compute(rows);

    /// <summary>Measures an operation, forward and backward.</summary>
    /// <param name="part">Its part.</param>
    /// <param name="x">The operand.</param>
    /// <param name="compute">Computes it from the operand.</param>
    internal static Tensor Measure(string part, Tensor x, Func<Tensor, Tensor> compute) =>
        _current is { } profile ? profile.Time(part, 0, null, compute, x) : compute(x);

    /// <summary>The same with two operands.</summary>
    internal static Tensor Measure(string part, Tensor x, Tensor y, Func<Tensor, Tensor, Tensor> compute)
    {
        if (_current is not { } profile)
            return compute(x, y);
        var before = profile._running;
        return profile.Time(part, 0, null, marked => compute(marked, profile.MarkOperand(y, before)), x);
    }

    /// <summary>Another part runs from now on, in a backward pass.</summary>
    internal static void Switch(StepProfile profile, string part) => profile.Switch(part);

    private Tensor Time(string part, double flops, Tensor? weight, Func<Tensor, Tensor> compute, Tensor x)
    {
        part = NameOf(part);
        var before = _running; // an operation within another one belongs to the outer one's time before and after it
        using var span = new Span(this, before, _rest);
        Switch(part);
        var result = compute(MarkOperand(x, before));
        var gradients = !result.requires_grad ? 0 : (x.requires_grad ? 1 : 0) + (weight is { requires_grad: true } ? 1 : 0);
        Add(part, 0, flops * (1 + gradients));
        return result.requires_grad ? ProfileMark.Of(result, this, part) : result;
    }

    private Tensor MarkOperand(Tensor x, string before) => x.requires_grad && is_grad_enabled() ? ProfileMark.Of(x, this, before) : x;

    private string NameOf(string part) => _rest == Other || part == CrossAttention ? part : _rest;

    private void Switch(string part)
    {
        var now = Stopwatch.GetTimestamp();
        Add(_running, now - _since, 0);
        (_running, _since) = (part, now);
    }

    private void Add(string part, long ticks, double flops)
    {
        if (!_parts.TryGetValue(part, out var sum))
            _parts[part] = sum = new Part();
        sum.Ticks += ticks;
        sum.Flops += flops;
    }

    /// <summary>Returns to the part that ran before.</summary>
    internal readonly struct Span(StepProfile? profile, string running, string rest) : IDisposable
    {
        public void Dispose()
        {
            if (profile is null)
                return;
            profile._rest = rest;
            profile.Switch(running);
        }
    }
}

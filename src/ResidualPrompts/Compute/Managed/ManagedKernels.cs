using ResidualPrompts.Compute.Managed.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>The entrance to this folder: checks which operands the kernels support, and calls them. Needs AVX2 and FMA.</summary>
internal sealed class ManagedKernels : ITensorKernels
{
    // A huge example goes to libtorch's attention, which reports at once that its weights do not fit into memory; the managed one would take its
    // time.
    private const int MaxRows = 1 << 16;

    public string Name => $"managed-{ManagedGemm.Kernel.Name}";

    public bool CanMultiply(Tensor x, Tensor weight) => ManagedGemm.CanTake(x, weight);

    public Tensor Linear(Tensor x, Tensor weight) => ManagedGemm.Linear(x, weight);

    public Tensor NormedLinear(Tensor x, double epsilon, Tensor weight) => ManagedGemm.NormedLinear(x, epsilon, weight);

    public bool CanNormalize(Tensor x) =>
        x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && x.numel() > 0 && ManagedGemm.CanHold(x.numel());

    public Tensor Norm(Tensor x, double epsilon) => ManagedNorm.Norm(x, epsilon);

    public PreparedBias? PrepareBias(Tensor table, Tensor buckets, AttentionSpan[] spans, int headSize) =>
        (buckets.shape[0] + 1) / 2 <= MaxRows && table.dtype == ScalarType.Float32 && table.device_type == DeviceType.CPU && !table.requires_grad
        && ManagedGemm.CanHold(3 * spans.Sum(span => (long)span.QueryCount) * table.shape[1] * headSize)
            ? new ManagedBias(table, buckets, spans, headSize)
            : null;

    public bool CanAbsorb(Tensor states, Tensor k, Tensor v, long wideCount) =>
        new[] { states, k, v }.All(x => x.dtype == ScalarType.Float32 && x.device_type == DeviceType.CPU && ManagedGemm.CanHold(x.numel()))
        && !k.requires_grad && !v.requires_grad && ManagedGemm.CanHold(wideCount);

    public Tensor CrossAttention(Tensor q, Tensor states, Tensor k, Tensor v, CrossAttentionInput input) =>
        ManagedCrossAttention.Attend(q, states, k, v, input);
}

namespace ResidualPrompts.Compute;

/// <summary>
/// The kernels of each operation of <see cref="TensorOps"/>; null for libtorch, which also computes what the kernels do not support.
/// </summary>
/// <param name="Policy">The policy that chose them.</param>
/// <param name="Linear">Kernels of <see cref="TensorOps.Linear"/>.</param>
/// <param name="NormedLinear">Kernels of <see cref="TensorOps.NormedLinear"/>.</param>
/// <param name="AddLinear">Kernels of <see cref="TensorOps.AddLinear"/>.</param>
/// <param name="SelfAttention">Kernels of <see cref="TensorOps.SelfAttention"/>.</param>
/// <param name="CrossAttention">Kernels of <see cref="TensorOps.CrossAttention"/>.</param>
internal sealed record OperationKernels(
    ComputePolicy Policy, ITensorKernels? Linear, ITensorKernels? NormedLinear, ITensorKernels? AddLinear,
    ITensorKernels? SelfAttention, ITensorKernels? CrossAttention)
{
    private const string LibTorchName = "libtorch";

    /// <summary>libtorch computes everything.</summary>
    internal static OperationKernels LibTorch { get; } = Of(ComputePolicy.LibTorch, null);

    /// <summary>One set of kernels for all operations.</summary>
    internal static OperationKernels Of(ComputePolicy policy, ITensorKernels? all) => new(policy, all, all, all, all, all);

    /// <summary>Operation and kernel names for a run's record.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Described =>
    [
        new("linear", NameOf(Linear)), new("normed_linear", NameOf(NormedLinear)), new("add_linear", NameOf(AddLinear)),
        new("self_attention", NameOf(SelfAttention)), new("cross_attention", NameOf(CrossAttention)),
    ];

    private static string NameOf(ITensorKernels? kernels) => kernels?.Name ?? LibTorchName;
}

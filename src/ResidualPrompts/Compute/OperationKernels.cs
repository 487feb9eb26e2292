namespace ResidualPrompts.Compute;

/// <summary>Who computes each operation of <see cref="TensorOps"/>, null for libtorch. What kernels cannot take, libtorch computes.</summary>
/// <param name="Policy">The policy behind it.</param>
/// <param name="Linear">Of <see cref="TensorOps.Linear"/>.</param>
/// <param name="NormedLinear">Of <see cref="TensorOps.NormedLinear"/>.</param>
/// <param name="AddLinear">Of <see cref="TensorOps.AddLinear"/>.</param>
/// <param name="SelfAttention">Of <see cref="TensorOps.SelfAttention"/>.</param>
/// <param name="CrossAttention">Of <see cref="TensorOps.CrossAttention"/>.</param>
internal sealed record OperationKernels(
    ComputePolicy Policy, ITensorKernels? Linear, ITensorKernels? NormedLinear, ITensorKernels? AddLinear,
    ITensorKernels? SelfAttention, ITensorKernels? CrossAttention)
{
    private const string LibTorchName = "libtorch";

    /// <summary>libtorch computes everything.</summary>
    internal static OperationKernels LibTorch { get; } = Of(ComputePolicy.LibTorch, null);

    /// <summary>One set of kernels for all operations.</summary>
    internal static OperationKernels Of(ComputePolicy policy, ITensorKernels? all) => new(policy, all, all, all, all, all);

    /// <summary>The name of who computes each operation, by the operation's name in a run's record.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Described =>
    [
        new("linear", NameOf(Linear)), new("normed_linear", NameOf(NormedLinear)), new("add_linear", NameOf(AddLinear)),
        new("self_attention", NameOf(SelfAttention)), new("cross_attention", NameOf(CrossAttention)),
    ];

    private static string NameOf(ITensorKernels? kernels) => kernels?.Name ?? LibTorchName;
}

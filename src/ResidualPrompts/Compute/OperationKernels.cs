namespace ResidualPrompts.Compute;

/// <summary>
/// Who computes each operation of <see cref="TensorOps"/>. libtorch also computes what the kernels do not support.
/// </summary>
/// <param name="policy">The policy that chose.</param>
/// <param name="basis">What the choice rests on, in a run's record.</param>
/// <param name="kernels">The kernels of all operations in <paramref name="managed"/>; null where libtorch computes everything.</param>
/// <param name="managed">The operations that the kernels compute.</param>
internal sealed class OperationKernels(ComputePolicy policy, string basis, ITensorKernels? kernels, Operations managed)
{
    /// <summary>The name of libtorch in a run's record.</summary>
    internal const string LibTorchName = "libtorch";

    /// <summary>The addition to a name where libtorch computes what trainable weights take part in.</summary>
    internal const string WhereWeightsTrain = ", libtorch where weights train";

    /// <summary>libtorch computes everything.</summary>
    internal static OperationKernels LibTorch { get; } = new(ComputePolicy.LibTorch, ComputeChoice.OfPolicy, null, Operations.None);

    /// <summary>The policy that chose.</summary>
    internal ComputePolicy Policy => policy;

    /// <summary>What the choice rests on.</summary>
    internal string Basis => basis;

    /// <summary>The operations that managed kernels compute.</summary>
    internal Operations Managed { get; } = kernels is null ? Operations.None : managed;

    /// <summary>Kernels of <see cref="TensorOps.Linear"/>; null = libtorch.</summary>
    internal ITensorKernels? Linear => Of(Operations.Linear);

    /// <summary>Kernels of the products of <see cref="TensorOps.NormedLinear"/>; null = libtorch.</summary>
    internal ITensorKernels? NormedLinear => Of(Operations.NormedLinear);

    /// <summary>Kernels of <see cref="TensorOps.AddLinear"/>; null = libtorch.</summary>
    internal ITensorKernels? AddLinear => Of(Operations.AddLinear);

    /// <summary>Kernels of <see cref="TensorOps.Norm"/>; null = libtorch.</summary>
    internal ITensorKernels? Norm => Of(Operations.Norm);

    /// <summary>Kernels of <see cref="TensorOps.CrossAttention"/>; null = libtorch.</summary>
    internal ITensorKernels? CrossAttention => Of(Operations.CrossAttention);

    /// <summary>Kernels of <see cref="TensorOps.SelfAttention"/>; null = libtorch.</summary>
    /// <param name="hasDropout">Whether weights are dropped.</param>
    internal ITensorKernels? SelfAttention(bool hasDropout) => Of(hasDropout ? Operations.SelfAttentionWithDropout : Operations.SelfAttention);

    /// <summary>Who computes an operation, for a run's record: <c>libtorch</c>, or the kernels with their instruction set.</summary>
    internal string NameOf(Operations operation) => Of(operation)?.Name ?? LibTorchName;

    private ITensorKernels? Of(Operations operation) => Managed.HasFlag(operation) ? kernels : null;
}

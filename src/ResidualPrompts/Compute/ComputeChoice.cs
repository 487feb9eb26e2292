using System.Runtime.Intrinsics.X86;
using ResidualPrompts.Compute.Int8;
using ResidualPrompts.Compute.Managed;

namespace ResidualPrompts.Compute;

/// <summary>
/// The only place that decides who computes what. Besides it, only <c>Compute/Int8</c> depends on the managed kernels. To remove them, delete
/// <c>Compute/Managed</c> and <c>Compute/Int8</c>, and choose libtorch everywhere in this class.
/// </summary>
internal static class ComputeChoice
{
    /// <summary>
    /// The variable that sets a process's policy. A program that offers the choice to its user overwrites it, so that child processes
    /// inherit the choice.
    /// </summary>
    internal const string Variable = "RESIDUAL_PROMPTS_COMPUTE";

    // "Genu", "ntel", "ineI"
    private static readonly bool IsIntel = X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, 0x756E6547, 0x6C65746E, 0x49656E69);

    /// <summary>Names of the policies in options and in the variable.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<ComputePolicy>().Select(NameOf)];

    /// <summary>The policy of models that are loaded without one.</summary>
    /// <exception cref="ComputeException">The variable is not the name of a policy.</exception>
    internal static ComputePolicy OfProcess => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } name ? ComputePolicy.Auto
        : Names.Contains(name) ? Enum.Parse<ComputePolicy>(name, ignoreCase: true)
        : throw ComputeException.Unknown(Variable, name, Names);

    /// <summary>Whether this processor can run the managed kernels.</summary>
    internal static bool CanBeManaged => MicroKernel.Fastest is not null;

    /// <summary>Instruction set of products under the process's policy, <c>avx512</c> or <c>avx2</c>; null where libtorch multiplies.</summary>
    /// <exception cref="ComputeException">The policy is unknown, or this processor cannot follow it.</exception>
    internal static string? ProductKernel => Kernels(null).Linear is null ? null : ManagedInstructions;

    /// <summary>Instruction set of the managed kernels, <c>avx512</c> or <c>avx2</c>; null where the processor cannot run them.</summary>
    internal static string? ManagedInstructions => MicroKernel.Fastest?.Name;

    /// <summary>
    /// What multiplies in 8-bit integers: <c>fbgemm</c>, or this library in the instruction set <c>avx-vnni</c>, <c>avx512</c> or <c>avx2</c>; null
    /// where there is none. The last two give the same bits; the first two have one bit more for each element of a row.
    /// </summary>
    internal static string? Int8Kernel => Fbgemm.IsSupported ? Fbgemm.Name : Int8MicroKernel.Fastest?.Name;

    internal static string NameOf(ComputePolicy policy) => policy.ToString().ToLowerInvariant();

    /// <summary>Who computes each operation.</summary>
    /// <param name="policy">The policy; null = the process's.</param>
    /// <exception cref="ComputeException">The policy is unknown, or this processor cannot follow it.</exception>
    internal static OperationKernels Kernels(ComputePolicy? policy) => (policy ?? OfProcess) switch
    {
        ComputePolicy.LibTorch => OperationKernels.LibTorch,
        ComputePolicy.Managed => CanBeManaged
            ? OperationKernels.Of(ComputePolicy.Managed, new ManagedKernels())
            : throw ComputeException.NoManagedKernels(),

        // libtorch passes float32 products to MKL, which uses 512-bit vectors only on Intel processors: on others half of every multiplier is idle.
        _ => OperationKernels.Of(ComputePolicy.Auto, CanBeManaged && !IsIntel ? new ManagedKernels() : null),
    };

    /// <summary>Creates the products in 8-bit integers.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor has no kernel for them.</exception>
    internal static IInt8Products MakeInt8() =>
        Fbgemm.IsSupported ? new FbgemmProducts()
        : Int8MicroKernel.Fastest is null ? throw new PlatformNotSupportedException("Products in int8 need a processor with AVX2.")
        : new Int8Gemm();
}

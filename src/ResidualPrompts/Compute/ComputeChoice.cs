using System.Text.Json;
using ResidualPrompts.Compute.Choices;
using ResidualPrompts.Compute.Int8;
using ResidualPrompts.Compute.Managed;
using ResidualPrompts.Native;

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

    /// <summary>What a choice rests on where a policy names one implementation for everything.</summary>
    internal const string OfPolicy = "policy";

    /// <summary>What a choice rests on where <c>bench compute</c> has measured and saved it.</summary>
    internal const string OfCalibration = "calibration";

    /// <summary>What the choice of a resumed run rests on where its record, of an earlier version, does not say.</summary>
    internal const string OfRecord = "record";

    /// <summary>Names of the policies in options and in the variable.</summary>
    internal static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<ComputePolicy>().Select(NameOf)];

    /// <summary>The policy of models that are loaded without one.</summary>
    /// <exception cref="ComputeException">The variable is not the name of a policy.</exception>
    internal static ComputePolicy OfProcess => Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } name ? ComputePolicy.Auto
        : Names.Contains(name) ? Enum.Parse<ComputePolicy>(name, ignoreCase: true)
        : throw ComputeException.Unknown(Variable, name, Names);

    /// <summary>Whether this processor can run the managed kernels.</summary>
    internal static bool CanBeManaged => MicroKernel.Fastest is not null;

    /// <summary>The family of this processor.</summary>
    internal static ProcessorFamily Family { get; } = ProcessorFamilies.Of(Processor.Vendor, ManagedInstructions);

    /// <summary>What the table chooses on this processor is named so in a run's record.</summary>
    internal static string OfTable { get; } = $"table, {JsonNamingPolicy.SnakeCaseLower.ConvertName(Family.ToString())}";

    /// <summary>Instruction set of most products under the process's policy, <c>avx512</c> or <c>avx2</c>; null where libtorch multiplies.</summary>
    /// <exception cref="ComputeException">The policy is unknown, or this processor cannot follow it.</exception>
    internal static string? ProductKernel => Kernels(null).NormedLinear is null ? null : ManagedInstructions;

    /// <summary>This machine's calibration; null where the processor cannot run the managed kernels, so that there is no choice.</summary>
    internal static Calibration? Calibration => ManagedInstructions is { } instructions ? new Calibration(instructions) : null;

    /// <summary>Why a saved calibration is ignored; null where there is none, or a sound one.</summary>
    internal static string? CalibrationProblem => Calibration?.Read().Problem;

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
            ? Make(ComputePolicy.Managed, OfPolicy, Operations.All)
            : throw ComputeException.NoManagedKernels(),
        _ => Calibration?.Read().Managed is { } measured
            ? Make(ComputePolicy.Auto, OfCalibration, measured)
            : Make(ComputePolicy.Auto, OfTable, ChoiceTable.ManagedOn(Family)),
    };

    /// <summary>A choice of any kind.</summary>
    internal static OperationKernels Make(ComputePolicy policy, string basis, Operations managed) =>
        new(policy, basis, CanBeManaged ? new ManagedKernels() : null, managed);

    /// <summary>The choice that a run's record names; null where it names none that this processor can follow.</summary>
    /// <param name="recorded">The policy and, by the names of operations, who computed.</param>
    internal static OperationKernels? Recorded(IReadOnlyDictionary<string, string> recorded)
    {
        var own = CanBeManaged ? new ManagedKernels().Name : null;
        var managed = Operations.None;
        foreach (var (operation, name) in RecordedNames.Of(recorded))
        {
            if (name == own)
                managed |= operation;
            else if (name != OperationKernels.LibTorchName)
                return null;
        }

        return recorded.Count == 0 ? null
            : Make(Enum.TryParse<ComputePolicy>(recorded.GetValueOrDefault("policy"), ignoreCase: true, out var policy) ? policy : ComputePolicy.Auto,
                recorded.GetValueOrDefault("basis") ?? OfRecord, managed);
    }

    /// <summary>Creates the products in 8-bit integers.</summary>
    /// <exception cref="PlatformNotSupportedException">This processor has no kernel for them.</exception>
    internal static IInt8Products MakeInt8() =>
        Fbgemm.IsSupported ? new FbgemmProducts()
        : Int8MicroKernel.Fastest is null ? throw new PlatformNotSupportedException("Products in int8 need a processor with AVX2.")
        : new Int8Gemm();
}

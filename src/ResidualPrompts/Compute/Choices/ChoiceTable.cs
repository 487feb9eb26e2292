namespace ResidualPrompts.Compute.Choices;

/// <summary>A row of the table: who computes some operations on a family of processors.</summary>
/// <param name="Family">The processors.</param>
/// <param name="Operations">The operations.</param>
/// <param name="IsManaged">Whether the managed kernels compute them; else libtorch does.</param>
/// <param name="Evidence">The measurement that the choice rests on.</param>
internal sealed record ChoiceRow(ProcessorFamily Family, Operations Operations, bool IsManaged, string Evidence);

/// <summary>
/// Who computes what under <see cref="ComputePolicy.Auto"/> where no calibration is saved. To change a choice, change its row; <c>bench compute</c>
/// makes the measurements. Dropout masks are in no row: they are always a hash computed by this library, because libtorch's cannot resume.
/// </summary>
internal static class ChoiceTable
{
    private const bool Managed = true;
    private const bool LibTorch = false;

    /// <summary>For each family, every operation once.</summary>
    internal static IReadOnlyList<ChoiceRow> Rows { get; } =
    [
        new(ProcessorFamily.IntelAvx512, Operations.Products, LibTorch,
            "Ice Lake, 2 cores, T5-base steps of 74 and 266 positions: 0.77 and 0.82 of raw with MKL's products, 0.61 and 0.81 with ours"),
        new(ProcessorFamily.IntelAvx512, Operations.Norm | Operations.SelfAttention | Operations.CrossAttention, Managed,
            "Emerald Rapids, 2 cores, bench compute: norms 181 % faster, self-attention 33 %, cross-attention 19 %, products 11 to 23 % slower; "
            + "Ice Lake, T5-base steps of 74 and 266 positions: 0.77 and 0.82 of raw, all libtorch 0.75 and 0.75 to 0.94"),
        new(ProcessorFamily.IntelAvx512, Operations.SelfAttentionWithDropout, Managed,
            "Emerald Rapids, 2 cores, bench compute: 87 % faster; Ice Lake, T5-base: dropout by libtorch's operations costs 10 to 25 % of a step"),

        new(ProcessorFamily.IntelAvx2, Operations.Products, LibTorch, "not measured on Intel with AVX2; MKL uses the whole vectors there"),
        new(ProcessorFamily.IntelAvx2, Operations.Norm | Operations.Attention, Managed,
            "not measured on Intel with AVX2; chosen as with AVX-512"),

        new(ProcessorFamily.AmdAvx512, Operations.All, Managed,
            "Zen 5, 2 cores: steps of T5-base at 1.52 to 1.83 of raw, of T5-small at 1.44 to 1.73; all libtorch takes 94 % longer (T5-base, 266)"),
        new(ProcessorFamily.AmdAvx2, Operations.All, Managed,
            "Zen 5 with AVX-512 switched off: steps of T5-base with 74 and 266 positions at 0.90 and 1.07 of raw"),

        new(ProcessorFamily.UnknownX86, Operations.All & ~Operations.SelfAttentionWithDropout, LibTorch, "not measured; libtorch is the safest"),
        new(ProcessorFamily.UnknownX86, Operations.SelfAttentionWithDropout, Managed,
            "not measured; libtorch has no attention that takes a mask, and one operation after another was slower on every processor measured"),
        new(ProcessorFamily.Other, Operations.All, LibTorch, "the managed kernels need AVX2 and FMA"),
    ];

    /// <summary>The operations that managed kernels compute on a family of processors.</summary>
    internal static Operations ManagedOn(ProcessorFamily family) => Rows.Where(row => row.Family == family && row.IsManaged)
        .Aggregate(Operations.None, (set, row) => set | row.Operations);

    /// <summary>The row of an operation.</summary>
    internal static ChoiceRow Row(ProcessorFamily family, Operations operation) =>
        Rows.Single(row => row.Family == family && row.Operations.HasFlag(operation));
}

using ResidualPrompts.Native;

namespace ResidualPrompts.Compute.Choices;

/// <summary>Kinds of processors that compute alike: maker, and the instructions that .NET may use.</summary>
internal enum ProcessorFamily
{
    /// <summary>Intel's with AVX-512.</summary>
    IntelAvx512,

    /// <summary>Intel's with AVX2 and FMA.</summary>
    IntelAvx2,

    /// <summary>AMD's with AVX-512.</summary>
    AmdAvx512,

    /// <summary>AMD's with AVX2 and FMA.</summary>
    AmdAvx2,

    /// <summary>Another maker's with AVX2 and FMA, or more.</summary>
    UnknownX86,

    /// <summary>A processor that cannot run the managed kernels.</summary>
    Other,
}

/// <summary>Finds a processor's family.</summary>
internal static class ProcessorFamilies
{
    /// <summary>The family of a processor.</summary>
    /// <param name="vendor">The maker as the processor names it, <c>GenuineIntel</c> or <c>AuthenticAMD</c>; null where it names none.</param>
    /// <param name="instructions">The instruction set of the managed kernels, <c>avx512</c> or <c>avx2</c>; null where they cannot run.</param>
    internal static ProcessorFamily Of(string? vendor, string? instructions) => (vendor, instructions) switch
    {
        (_, null) => ProcessorFamily.Other,
        (Processor.Intel, "avx512") => ProcessorFamily.IntelAvx512,
        (Processor.Intel, _) => ProcessorFamily.IntelAvx2,
        ("AuthenticAMD", "avx512") => ProcessorFamily.AmdAvx512,
        ("AuthenticAMD", _) => ProcessorFamily.AmdAvx2,
        _ => ProcessorFamily.UnknownX86,
    };
}

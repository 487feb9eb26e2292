using ResidualPrompts.Compute.Managed;

namespace ResidualPrompts.Tests.Compute.Managed;

/// <summary>The micro-kernels by name; a test of one that the processor lacks is skipped.</summary>
internal static class Kernels
{
    internal static string[] Names => ["avx2", "avx512"];

    internal static MicroKernel Get(string name)
    {
        var kernel = name == "avx2" ? MicroKernel.Avx2 : MicroKernel.Avx512;
        Assert.SkipWhen(kernel is null, "this processor has no vectors for it");
        return kernel!;
    }
}

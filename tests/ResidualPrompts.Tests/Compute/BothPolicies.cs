using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

/// <summary>Models that compute by a given policy, whatever this machine would choose.</summary>
internal static class BothPolicies
{
    /// <summary>A frozen model; the test is skipped where the processor cannot follow the policy.</summary>
    internal static T5Model Frozen(T5Config config, ComputePolicy policy, ComputeMode mode = ComputeMode.Packed)
    {
        using var scope = NewDisposeScope();
        var computation = Computation(policy, mode);
        var model = TinyT5.Create(config);
        model.Freeze(computation);
        return model;
    }

    /// <summary>How such a model computes.</summary>
    internal static T5Computation Computation(ComputePolicy policy, ComputeMode mode = ComputeMode.Packed)
    {
        Assert.SkipUnless(policy != ComputePolicy.Managed || ComputeChoice.CanBeManaged, "the managed kernels need a processor with AVX2");
        return new T5Computation { Mode = mode, Kernels = ComputeChoice.Kernels(policy) };
    }
}

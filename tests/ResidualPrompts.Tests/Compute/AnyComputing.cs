using ResidualPrompts.Models.T5;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

/// <summary>Models that compute in a given way, whatever this machine would choose.</summary>
internal static class AnyComputing
{
    /// <summary>A frozen model; the test is skipped where the processor cannot compute so.</summary>
    internal static T5Model Frozen(T5Config config, Computing computing, ComputeMode mode = ComputeMode.Packed)
    {
        using var scope = NewDisposeScope();
        var computation = Computation(computing, mode);
        var model = TinyT5.Create(config);
        model.Freeze(computation);
        return model;
    }

    /// <summary>How such a model computes.</summary>
    internal static T5Computation Computation(Computing computing, ComputeMode mode = ComputeMode.Packed)
    {
        Assert.SkipUnless(computing.IsPossible(), ComputingKernels.Reason);
        return new T5Computation { Mode = mode, Kernels = computing.Kernels() };
    }
}

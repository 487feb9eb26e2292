using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests;

/// <summary>Files of reference values, made with PyTorch, transformers and PEFT; Golden/README.md says how.</summary>
internal static class Golden
{
    internal static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);

    /// <summary>Both ways of computing, whatever this machine would choose.</summary>
    internal static ComputePolicy[] Policies => [ComputePolicy.LibTorch, ComputePolicy.Managed];

    /// <summary>Versions, modes and policies; the straightforward mode is always computed by libtorch.</summary>
    internal static IEnumerable<(string Version, ComputeMode Mode, ComputePolicy Policy)> Ways =>
        from version in new[] { "v10", "v11" }
        from mode in Enum.GetValues<ComputeMode>()
        from policy in mode == ComputeMode.Straightforward ? [ComputePolicy.LibTorch] : Policies
        select (version, mode, policy);

    /// <summary>The reference model, frozen; the test is skipped where the processor cannot follow the policy.</summary>
    internal static T5Model Model(string version, ComputeMode mode, ComputePolicy policy)
    {
        var computation = Computation(mode, policy);
        var model = T5Model.Load(Path("t5", version));
        model.Freeze(computation);
        return model;
    }

    /// <summary>How a model computes.</summary>
    internal static T5Computation Computation(ComputeMode mode, ComputePolicy policy)
    {
        Assert.SkipUnless(policy != ComputePolicy.Managed || ComputeChoice.CanBeManaged, "the managed kernels need a processor with AVX2");
        return new T5Computation { Mode = mode, Kernels = ComputeChoice.Kernels(policy) };
    }

    /// <summary>Every tensor of a file, in the caller's dispose scope.</summary>
    internal static Dictionary<string, Tensor> Tensors(params string[] parts)
    {
        using var file = SafetensorsFile.Open(Path(parts));
        return file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
    }

    /// <summary>Rows of ids without their padding.</summary>
    internal static int[][] Rows(Tensor ids, Func<long, bool> isPadding)
    {
        var flat = ids.data<long>().ToArray();
        return [.. flat.Chunk((int)ids.shape[1]).Select(row => row.TakeWhile(id => !isPadding(id)).Select(id => (int)id).ToArray())];
    }
}

using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests;

/// <summary>Files of reference values, made with PyTorch, transformers and PEFT; Golden/README.md says how.</summary>
internal static class Golden
{
    internal static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);

    /// <summary>All ways of computing, whatever this machine would choose.</summary>
    internal static Computing[] Computings => Enum.GetValues<Computing>();

    /// <summary>Versions, modes and ways of computing; the straightforward mode is always computed by libtorch.</summary>
    internal static IEnumerable<(string Version, ComputeMode Mode, Computing Policy)> Ways =>
        from version in new[] { "v10", "v11" }
        from mode in Enum.GetValues<ComputeMode>()
        from computing in mode == ComputeMode.Straightforward ? [Computing.LibTorch] : Computings
        select (version, mode, computing);

    /// <summary>The reference model, frozen; the test is skipped where the processor cannot compute so.</summary>
    internal static T5Model Model(string version, ComputeMode mode, Computing computing)
    {
        var computation = Computation(mode, computing);
        var model = T5Model.Load(Path("t5", version));
        model.Freeze(computation);
        return model;
    }

    /// <summary>How a model computes.</summary>
    internal static T5Computation Computation(ComputeMode mode, Computing computing)
    {
        Assert.SkipUnless(computing.IsPossible(), ComputingKernels.Reason);
        return new T5Computation { Mode = mode, Kernels = computing.Kernels() };
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
